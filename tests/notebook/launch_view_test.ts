import assert from "node:assert/strict";
import { join } from "@std/path";
import { launchCurves, launchTable, watchLaunch } from "../../lib/notebook/mod.ts";
import { sampleJobs } from "./sample_outputs.ts";

Deno.test("launchTable() says how each job is, and makes those that failed bold", () => {
  const { text, html } = launchTable(sampleJobs);
  assert.equal(
    text,
    [
      "job         state              time   epochs    Dice          detail",
      "prepare     done               12 s",
      "train_2d_0  running            2 min  12 of 20  0.550 so far  node7",
      "train_2d_1  failed, attempt 2  40 s                           out of memory",
      "best        waiting                                           Dependency",
    ].join("\n"),
  );
  assert.match(html!, /font-weight:(bold|600)[^]*train_2d_1|<tr[^>]*bold[^]*train_2d_1/);
});

Deno.test("launchCurves() has a line for each training that has epochs, and none before", () => {
  const { data } = launchCurves(sampleJobs)!;
  assert.deepEqual(data.map((trace) => (trace as { name: string }).name), ["2d_0"]);
  assert.equal(launchCurves(sampleJobs.slice(0, 1)), undefined);
});

Deno.test("watchLaunch() looks until all jobs have ended", async () => {
  const folder = await Deno.makeTempDir();
  let looks = 0;
  const launch = {
    status: () => {
      looks++;
      return Promise.resolve(
        looks < 3 ? sampleJobs : sampleJobs.map((job) => ({ ...job, phase: "done" as const })),
      );
    },
  };
  const file = join(folder, "launch.png");
  const statuses = await watchLaunch(launch, { seconds: 0.01, file });
  assert.equal(looks, 3);
  assert.ok(statuses.every(({ phase }) => phase === "done"));
  assert.deepEqual(
    (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort(),
    ["launch.png", "launch.txt"],
  );
  await Deno.remove(folder, { recursive: true });
});
