/** Tests Ctrl-C during long work. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "@std/path";
import { readCheckpoint } from "../../lib/files/checkpoint_file.ts";
import { listCases } from "../../lib/preprocessing/storage.ts";
import { snapshot } from "../dataset/sample_folders.ts";
import { makeTinyPlans } from "../tiny_scans.ts";
import { interruptCli, runCli } from "./run_cli.ts";

// Enough cases to leave time for stopping.
const cases = 24;
const { plans, root } = await makeTinyPlans({ cases });
globalThis.addEventListener("unload", () => Deno.removeSync(root, { recursive: true }));

Deno.test("Ctrl-C in training keeps the state, and --c resumes from it", async () => {
  const fold = join(
    ...[root, "nnUNet_results", "Dataset001_Tiny", "nnUNetTrainer__nnUNetPlans__3d_fullres"],
    "fold_0",
  );
  const train = (epochs: number, ...args: string[]) => [
    ...["train", "1", "3d_fullres", "0", "--epochs", `${epochs}`, "--iterations", "5"],
    ...["--val_iterations", "1", "--root", root, ...args],
  ];
  const state = join(fold, "checkpoint_latest.pth");
  const stopped = await interruptCli(train(1000), () => existsSync(state));
  assert.equal(stopped.code, 75);
  assert.match(
    stopped.err,
    /Stopping after the current step; press Ctrl-C again to exit immediately/,
  );
  assert.ok(stopped.err.endsWith(`\nStopped; the state is in ${fold}; resume with --c\n`));
  const { currentEpoch, extraState } = await readCheckpoint(state);
  assert.ok(currentEpoch >= 1);

  const { code, out, err } = await runCli(...train(currentEpoch + 1, "--c"));
  assert.equal(code, 0, err);
  assert.match(out, new RegExp(`^epoch ${currentEpoch + 1}/${currentEpoch + 1} `, "m"));
  const { log, extraState: later } = await readCheckpoint(join(fold, "checkpoint_final.pth"));
  assert.equal(log.trainLosses.length, currentEpoch + 1);
  assert.equal((later as { seed: number }).seed, (extraState as { seed: number }).seed);
  assert.ok(!existsSync(state));
});

Deno.test("Ctrl-C in preprocessing keeps finished cases, and a rerun completes the rest", async () => {
  const folder = join(plans.folder, plans.configuration("2d").dataIdentifier);
  const whole = join(plans.folder, plans.configuration("3d_fullres").dataIdentifier);
  const preprocess = [
    ...["plan_and_preprocess", "-d", "1", "-c", "2d", "--np", "1", "--root", root],
    ...["--gpu_memory_target", "0.05", "--base_features", "4"],
  ];
  const before = snapshot(whole);
  const { code, err } = await interruptCli(preprocess, () => existsSync(folder));
  assert.equal(code, 75);
  assert.ok(err.endsWith("\nStopped; finished cases are kept\n"), err);
  const finished = await listCases(folder);
  assert.ok(finished.length < cases);

  const again = await runCli(...preprocess);
  assert.equal(again.code, 0, again.err);
  assert.equal((await listCases(folder)).length, cases);
  assert.deepEqual(snapshot(whole), before);
});

function isCase(name: string): boolean {
  return /^c\d+\.nii\.gz$/.test(name);
}

Deno.test("Ctrl-C in prediction keeps finished cases", async () => {
  const input = join(root, "nnUNet_raw", "Dataset001_Tiny", "imagesTr");
  const output = join(root, "output");
  const { code, err } = await interruptCli(
    [
      "predict",
      "-i",
      input,
      "-o",
      output,
      "-d",
      "1",
      "-c",
      "3d_fullres",
      "-f",
      "0",
      "--root",
      root,
    ],
    () => existsSync(output) && [...Deno.readDirSync(output)].some(({ name }) => isCase(name)),
  );
  assert.equal(code, 75);
  assert.ok(err.endsWith("\nStopped; finished cases are kept\n"), err);
  const written = [...Deno.readDirSync(output)].map(({ name }) => name);
  const finished = written.filter(isCase);
  assert.ok(finished.length > 0 && finished.length < cases, `${written}`);
  // Only the record of how they were made is added: no incomplete case.
  assert.deepEqual(written.filter((name) => !isCase(name)).sort(), [
    "dataset.json",
    "plans.json",
    "predict_from_raw_data_args.json",
  ]);
});
