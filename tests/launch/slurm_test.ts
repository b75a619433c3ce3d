/** Runs launches on a real Slurm of two nodes, with commands of milliseconds. */

import assert from "node:assert/strict";
import { engines } from "../../lib/launch/engines.ts";
import { readJobState } from "../../lib/launch/job_state.ts";
import { Launcher } from "../../lib/launch/launcher.ts";
import type { LauncherChoices } from "../../lib/launch/launch_options.ts";
import { type StandIn, standIn } from "./stand_in.ts";
import { startSlurm, until, whyNoSlurm } from "./slurm_cluster.ts";

const reason = whyNoSlurm();
const title = (text: string) => reason ? `${text} (skipped: ${reason})` : text;

const small: Partial<LauncherChoices> = {
  engine: "slurm",
  configurations: ["2d", "3d_fullres"],
  folds: [0, 1],
  cpus: 1,
  gpus: 1,
  memory: "200M",
  time: "10:00",
};

/** Submits a stand-in's jobs; `Launcher.submit()` would write scripts that run the real program. */
async function submit({ launcher }: StandIn): Promise<string[]> {
  return (await launcher.retry()).submitted.slice();
}

async function phases({ launcher }: StandIn): Promise<Record<string, string>> {
  return Object.fromEntries((await launcher.status()).map(({ name, phase }) => [name, phase]));
}

async function untilEnded(world: StandIn): Promise<Record<string, string>> {
  await until("all jobs to end", async () => {
    const found = Object.values(await phases(world));
    return !found.includes("waiting") && !found.includes("running");
  });
  return await phases(world);
}

const allDone = {
  prepare: "done",
  train_2d_0: "done",
  train_2d_1: "done",
  train_3d_fullres_0: "done",
  train_3d_fullres_1: "done",
  best: "done",
};

Deno.test({ name: title("launches on Slurm"), ignore: reason !== undefined }, async (t) => {
  await using cluster = await startSlurm();

  await t.step("jobs run in their order, and a second launch has nothing to do", async () => {
    const world = await standIn(small);
    const both = await Promise.allSettled([submit(world), submit(world)]);
    assert.deepEqual(
      both.flatMap((one) => one.status === "fulfilled" ? one.value.length : []),
      [6],
    );
    await assert.rejects(
      submit(world),
      /Cannot launch Dataset001_Tiny: \d of its jobs wait or run/,
    );
    assert.deepEqual(await untilEnded(world), allDone);
    const begun = (await world.runs()).filter((line) => line.startsWith("begin"));
    assert.equal(begun[0], "begin plan_and_preprocess");
    assert.equal(begun.at(-1), "begin find_best_configuration");
    assert.equal(begun.length, 6);
    assert.deepEqual(await submit(world), []);
  });

  await t.step("a fold that fails ends what needs it, and is submitted again with it", async () => {
    const world = await standIn(small);
    await world.plan("train_2d_1", "fail");
    await submit(world);
    const found = await untilEnded(world);
    assert.equal(found.train_2d_1, "failed");
    assert.equal(found.train_2d_0, "done");
    assert.equal(found.best, "failed");
    const best = (await world.launcher.status()).find(({ name }) => name === "best")!;
    assert.match(best.detail, /^it did not run: /);
    assert.deepEqual(await submit(world), ["train_2d_1", "best"]);
    assert.deepEqual(await untilEnded(world), allDone);
  });

  await t.step(
    "a job at its limit saves its state, and is queued again while it gets on",
    async () => {
      const world = await standIn(small);
      await world.plan("train_2d_0", "wait", "wait", "end");
      await world.plan("train_2d_1", "idle");
      await submit(world);
      for (const job of ["train_2d_0", "train_2d_1"] as const) {
        await world.waits(job);
        await askToEnd(world, job);
      }
      await world.waits("train_2d_0");
      await askToEnd(world, "train_2d_0");
      const found = await untilEnded(world);
      assert.equal(found.train_2d_0, "done");
      assert.equal((await readJobState(world.record.folder, "train_2d_0"))?.attempt, 3);
      assert.equal(found.train_2d_1, "failed");
      assert.match(
        (await readJobState(world.record.folder, "train_2d_1"))!.reason,
        /before it saved anything/,
      );
    },
  );

  await t.step("cancelled jobs save their state, and stay cancelled", async () => {
    const world = await standIn(small);
    await world.plan("train_2d_0", "wait", "end");
    await submit(world);
    await world.waits("train_2d_0");
    assert.match(await world.launcher.cancel(), /^Cancelled Slurm's jobs /);
    const found = await untilEnded(world);
    assert.equal(found.train_2d_0, "stopped");
    assert.notEqual(found.best, "done");
    await new Promise((resolve) => setTimeout(resolve, 3000));
    assert.equal((await phases(world)).train_2d_0, "stopped");
    await submit(world);
    assert.deepEqual(await untilEnded(world), allDone);
  });

  await t.step(
    "a launch that was killed while it submitted finds its jobs in the queue",
    async () => {
      const world = await standIn(small);
      await world.plan("prepare", "end");
      await world.plan("plan_and_preprocess", "wait", "end");
      const { submit } = engines.slurm;
      const parts = world.record.stages.map((stage) => ({ stage, places: [...stage.jobs.keys()] }));
      // What was submitted first is not recorded.
      await submit(world.record, parts.slice(0, 1), () => Promise.resolve());
      await world.waits("plan_and_preprocess");
      const recorded: string[] = [];
      await submit(world.record, parts, ({ stage }) => {
        recorded.push(stage);
        return Promise.resolve();
      });
      assert.deepEqual(recorded, parts.map(({ stage }) => stage.name));
      const runs = await world.runs();
      assert.equal(runs.filter((line) => line === "begin plan_and_preprocess").length, 1);
      await new Deno.Command("scancel", { args: ["--user=root"] }).output();
    },
  );

  await t.step("the controller may be restarted", async () => {
    const world = await standIn(small);
    await world.plan("train_2d_0", "wait", "end");
    await submit(world);
    await world.waits("train_2d_0");
    await cluster.endController();
    await assert.rejects(world.launcher.status());
    await cluster.start("controller");
    await until(
      "the controller",
      async () => await world.launcher.status().then(() => true, () => false),
    );
    await askToEnd(world, "train_2d_0");
    assert.deepEqual(await untilEnded(world), allDone);
  });

  await t.step("a node that is lost has its jobs run elsewhere", async () => {
    const world = await standIn(small);
    await world.plan("train_2d_0", "wait", "end");
    await submit(world);
    await world.waits("train_2d_0");
    const status = (await world.launcher.status()).find(({ name }) => name === "train_2d_0")!;
    const node = status.detail as "n1" | "n2";
    await cluster.loseNode(node, world.root);
    await world.forgetRunning();
    const found = await untilEnded(world);
    assert.deepEqual(found, allDone);
    await cluster.start(node);
  });
});

/** Sends a job what Slurm sends it when its time is nearly up. */
async function askToEnd(world: StandIn, job: string): Promise<void> {
  const { id } = (await readJobState(world.record.folder, job))!;
  const { success, stderr } = await new Deno.Command("scancel", {
    args: ["--batch", "--signal=USR1", id],
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
}

Deno.test("without Slurm, the error says what was looked for", async () => {
  const root = await Deno.makeTempDir();
  await Deno.mkdir(`${root}/nnUNet_raw/Dataset001_Tiny`, { recursive: true });
  const path = Deno.env.get("PATH")!;
  try {
    Deno.env.set("PATH", "/nowhere");
    await assert.rejects(
      new Launcher({ root, id: 1, engine: "slurm" }).submit(),
      /^Error: Cannot launch on Slurm: looked for its command sinfo: Cannot start sinfo: it is not on the PATH$/,
    );
  } finally {
    Deno.env.set("PATH", path);
  }
});
