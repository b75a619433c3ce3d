/**
 * Launches a small nnU-Net on a real Slurm and on this machine: preparing, training, choosing the
 * best configuration, predicting. One training on Slurm is queued again in the middle of an epoch.
 */

import assert from "node:assert/strict";
import { join } from "@std/path";
import { Dataset } from "../../lib/dataset/dataset.ts";
import { Launcher } from "../../lib/launch/launcher.ts";
import { readJobState } from "../../lib/launch/job_state.ts";
import type { LauncherChoices } from "../../lib/launch/launch_options.ts";
import { Planner } from "../../lib/planner.ts";
import { readTrainingLog } from "../../lib/training/read_log.ts";
import { runMain } from "../cli/run_main.ts";
import { startSlurm, until, whyNoSlurm } from "./slurm_cluster.ts";

const data = Deno.env.get("NNUNET_TEST_DATA");
const reason = data ? whyNoSlurm() : "set NNUNET_TEST_DATA";
const CASES = 10;

/** Makes a data set of the first hippocampus scans, with plans for a tiny network. */
async function makeHippocampus(): Promise<string> {
  const root = await Deno.makeTempDir();
  const [images, labels] = [join(root, "input"), join(root, "labels")];
  const from = join(data!, "hippocampus");
  const names = (await Array.fromAsync(Deno.readDir(join(from, "ground_truth"))))
    .map(({ name }) => name).filter((name) => name.endsWith(".nii.gz")).sort().slice(0, CASES);
  await Deno.mkdir(images);
  await Deno.mkdir(labels);
  for (const name of names) {
    await Deno.copyFile(join(from, "ground_truth", name), join(labels, name));
    await Deno.copyFile(join(from, "input", name), join(images, name));
  }
  const dataset = await Dataset.create({
    root,
    id: 4,
    name: "Hippocampus",
    images,
    labels,
    channels: ["MRI"],
    classes: ["anterior", "posterior"],
  });
  await new Planner({
    baseFeatures: 4,
    overrides: {
      "2d": { batchSize: 4, patchSize: [32, 32] },
      "3d_fullres": { batchSize: 2, patchSize: [16, 32, 16] },
    },
  }).plan(dataset);
  return root;
}

const choices: LauncherChoices = {
  id: 4,
  configurations: ["2d", "3d_fullres"],
  folds: [0, 1],
  trainArguments: [
    ...["--epochs", "3", "--iterations", "30", "--val_iterations", "2", "--seed", "7"],
    ...["--device", "cpu", "--threads", "1", "--loaders", "1"],
  ],
};

async function losses(root: string): Promise<Record<string, readonly number[]>> {
  const found: Record<string, readonly number[]> = {};
  for (const configuration of choices.configurations!) {
    for (const fold of choices.folds!) {
      const model = `nnUNetTrainer__nnUNetPlans__${configuration}`;
      const folder = join(root, "nnUNet_results/Dataset004_Hippocampus", model, `fold_${fold}`);
      const { log: { trainLosses } } = (await readTrainingLog(folder))!;
      found[`${configuration} ${fold}`] = trainLosses;
    }
  }
  return found;
}

async function predictions(root: string): Promise<Uint8Array[]> {
  const folder = join(root, "labels out");
  const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
  assert.deepEqual(names.filter((name) => name.endsWith(".nii.gz")).length, 2);
  return await Promise.all(
    names.filter((name) => name.endsWith(".nii.gz")).map((name) =>
      Deno.readFile(join(folder, name))
    ),
  );
}

Deno.test({
  name: `a whole nnU-Net on Slurm${reason ? ` (skipped: ${reason})` : ""}`,
  ignore: reason !== undefined,
}, async () => {
  const root = await makeHippocampus();
  const scans = join(root, "scans");
  await Deno.mkdir(scans);
  const some = (await Array.fromAsync(Deno.readDir(join(root, "input")))).map(({ name }) => name)
    .sort().slice(0, 2);
  for (const name of some) {
    await Deno.copyFile(
      join(root, "input", name),
      join(scans, name.replace(".nii.gz", "_0000.nii.gz")),
    );
  }
  const copy = await Deno.makeTempDir();
  await new Deno.Command("cp", { args: ["-r", `${root}/.`, copy] }).output();

  await using _ = await startSlurm();
  const launcher = new Launcher({ root, id: 4 });
  const begin = performance.now();
  const { configurations, folds, trainArguments } = choices;
  const { code, out, err } = await runMain(
    ...["launch", "4", "--root", root, "--engine", "slurm", "--cpus", "1", "--gpus", "0"],
    ...["--memory", "2G", "--time", "30:00", "-i", scans, "-o", join(root, "labels out")],
    ...["-c", ...configurations!, "-f", ...folds!.map(String), "--", ...trainArguments!],
  );
  assert.equal(code, 0, err);
  assert.ok(
    out.endsWith(
      `\nSubmitted 7 jobs. deno task nnunet launch 4 --status --root ${root} reports their status\n`,
    ),
    out,
  );
  const folder = await launcher.folder();
  const job = "train_3d_fullres_1";
  const statusOfJob = async () => (await launcher.status()).find(({ name }) => name === job)!;
  await until("the second epoch", async () => {
    const { training, phase, detail } = await statusOfJob();
    assert.notEqual(phase, "failed", detail);
    return training?.log.epochEnd.length === 1;
  }, 300);
  const { id } = (await readJobState(folder, job))!;
  await new Deno.Command("scancel", { args: ["--batch", "--signal=USR1", id] }).output();
  await until("all jobs", async () => {
    const found = await launcher.status();
    const failed = found.filter(({ phase }) => phase === "failed");
    const logs = await Promise.all(failed.map(({ name }) => launcher.log(name).catch(String)));
    assert.deepEqual(failed, [], logs.join("\n"));
    return found.every(({ phase }) => phase === "done");
  }, 600);
  const seconds = (performance.now() - begin) / 1000;
  const statuses = await launcher.status();
  assert.equal((await readJobState(folder, job))?.attempt, 2);
  const sum = statuses.reduce((sum, status) => sum + (status.seconds ?? 0), 0);
  console.log(`from submit to predictions ${seconds.toFixed(0)} s, all jobs together ${sum} s`);

  const here = new Launcher({
    ...choices,
    root: copy,
    predict: { input: join(copy, "scans"), output: join(copy, "labels out") },
  });
  await here.write();
  const { failed, notRun } = await here.run();
  assert.deepEqual([failed, notRun], [[], []]);
  assert.deepEqual(await losses(root), await losses(copy));
  assert.deepEqual(await predictions(root), await predictions(copy));
});
