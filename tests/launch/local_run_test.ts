/** Runs launches on this machine whose commands take milliseconds. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import { readJobState } from "../../lib/launch/job_state.ts";
import { runLocally } from "../../lib/launch/local_run.ts";
import { shellWords } from "../../lib/options/shell_quoted.ts";
import { LockedError } from "../../lib/platform/file_lock.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import { type StandIn, standIn } from "./stand_in.ts";

const small = { configurations: ["2d", "3d_fullres"], folds: [0, 1], maxParallel: 2 };

async function phases({ launcher }: StandIn): Promise<Record<string, string>> {
  return Object.fromEntries((await launcher.status()).map(({ name, phase }) => [name, phase]));
}

/** Names of the jobs that ended well, in this order. */
async function ended(world: StandIn): Promise<string[]> {
  return (await world.runs()).flatMap((line) => /^end (\S+) 0$/.exec(line)?.[1] ?? []);
}

Deno.test("runLocally() runs each job once, after those that it needs", async () => {
  const world = await standIn(small);
  const { done, failed, notRun } = await runLocally(world.record);
  assert.deepEqual([failed, notRun], [[], []]);
  assert.equal(done.length, 6);
  const names = await ended(world);
  assert.equal(names[0], "plan_and_preprocess");
  assert.equal(names.at(-1), "find_best_configuration");
  assert.equal(new Set(names).size, 6);

  await runLocally(world.record);
  assert.equal((await ended(world)).length, 6, "a second run has nothing to do");
});

Deno.test("runLocally() goes on after a failure with all that does not need it", async () => {
  const folder = join(await Deno.makeTempDir(), "it's mine");
  const world = await standIn({ ...small, folder });
  await world.plan("train_2d_1", "fail");
  const { failed, notRun } = await runLocally(world.record);
  assert.deepEqual([failed, notRun], [["train_2d_1"], ["best"]]);
  assert.deepEqual(await phases(world), {
    prepare: "done",
    train_2d_0: "done",
    train_2d_1: "failed",
    train_3d_fullres_0: "done",
    train_3d_fullres_1: "done",
    best: "not submitted",
  });
  const log = await world.launcher.log("train_2d_1");
  const [, repeat] = /train_2d_1 failed\. To repeat it: (bash .*\/train_2d\.sh 1)\n/.exec(log)!;
  const { code } = await new Deno.Command("bash", { args: ["-n", "-c", repeat] }).output();
  assert.equal(code, 0);
  assert.equal(shellWords(repeat)[1], join(folder, "train_2d.sh"));
  assert.match(log, /failed: exit code 1\n$/);

  // The same again runs what is left.
  assert.deepEqual((await runLocally(world.record)).failed, []);
  assert.equal((await ended(world)).filter((name) => name === "train_2d_1").length, 1);
  assert.equal((await phases(world)).best, "done");
});

Deno.test("a job whose time is up runs again if it saved something, and fails if not", async () => {
  const world = await standIn(small, { seconds: 3, graceSeconds: 0 });
  await world.plan("train_2d_0", "wait", "wait", "end");
  await world.plan("train_2d_1", "idle");
  const { failed } = await runLocally(world.record);
  assert.deepEqual(failed, ["train_2d_1"]);
  assert.equal((await readJobState(world.record.folder, "train_2d_0"))?.attempt, 3);
  assert.match(
    (await readJobState(world.record.folder, "train_2d_1"))!.reason,
    /its time was up before it saved anything/,
  );
});

Deno.test("a run that is stopped lets jobs save their state, and excludes a second one", async () => {
  const world = await standIn({ ...small, maxParallel: 1 });
  await world.plan("train_2d_0", "wait", "end");
  const stop = new AbortController();
  const run = runLocally(world.record, { signal: stop.signal });
  await world.waits("train_2d_0");
  await assert.rejects(runLocally(world.record), LockedError);
  assert.equal((await phases(world)).train_2d_0, "running");
  assert.equal((await phases(world)).best, "waiting");
  stop.abort(new Error("enough"));
  await assert.rejects(run, /enough/);
  assert.equal((await phases(world)).train_2d_0, "stopped");
  assert.deepEqual((await runLocally(world.record)).notRun, []);
});

Deno.test("a job that ended without saying so has failed, and one that goes on is waited for", async () => {
  const world = await standIn({ ...small, maxParallel: 1 });
  await world.plan("train_2d_0", "wait");
  const run = runLocally(world.record);
  await world.waits("train_2d_0");
  const { pid } = (await readJobState(world.record.folder, "train_2d_0"))!;
  // The script, and the command that it started.
  await new Deno.Command("pkill", { args: ["-KILL", "-s", `${pid}`] }).output();
  const { failed, notRun } = await run;
  assert.deepEqual([failed, notRun], [["train_2d_0"], ["best"]]);
  assert.match(
    (await world.launcher.status()).find(({ name }) => name === "train_2d_0")!.detail,
    /^it ended without saying why$/,
  );
});

Deno.test("a job without a GPU of its own gets a share of the processors, others a GPU each", async () => {
  const world = await standIn({ ...small, gpus: 1 });
  const path = join(world.root, "world", "nnunet.sh");
  const text = await Deno.readTextFile(path);
  await Deno.writeTextFile(
    path,
    text.replace(
      'echo "begin',
      'echo "gpu $CUDA_VISIBLE_DEVICES cpus $NNUNET_CPUS" >>"$world/runs"\necho "begin',
    ),
  );
  await runLocally(world.record);
  const given = (await world.runs()).filter((line) => line.startsWith("gpu"));
  assert.equal(given.length, 6);
  assert.deepEqual([...new Set(given.map((line) => line.split(" ")[1]))].sort(), ["0", "1"]);
});

Deno.test("ten data sets of twenty trainings end in spite of failures and limits, none run twice at once", async () => {
  const generator = createGenerator(1);
  const scans = await Deno.makeTempDir();
  const predict = { input: scans, output: join(scans, "labels") };
  const worlds = await Promise.all(Array.from({ length: 10 }, async () => {
    const world = await standIn(
      { maxParallel: 3, predict },
      { seconds: 1.5, graceSeconds: 0 },
    );
    for (const { name } of world.record.stages.flatMap(({ jobs }) => jobs)) {
      const chance = generator.uniform();
      if (chance < 0.15) await world.plan(name, "fail", "end");
      else if (chance < 0.3) await world.plan(name, "wait", "fail", "end");
      else if (chance < 0.4) await world.plan(name, "wait", "wait", "end");
    }
    return world;
  }));
  await Promise.all(worlds.map(async (world) => {
    let rounds = 0;
    for (let left = true; left; rounds++) {
      assert.ok(rounds < 10, "it does not end");
      const { failed, notRun } = await runLocally(world.record);
      left = failed.length + notRun.length > 0;
    }
    const runs = await world.runs();
    assert.deepEqual(runs.filter((line) => line.endsWith("twice")), []);
    const names = await ended(world);
    assert.equal(names.length, 23);
    assert.equal(new Set(names).size, 23);
    await Deno.remove(world.root, { recursive: true });
  }));
});
