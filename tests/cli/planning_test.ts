/** Tests fingerprints, plans and preprocessing of several data sets, and plans that move. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import { Dataset } from "../../lib/dataset/dataset.ts";
import { listCases } from "../../lib/preprocessing/storage.ts";
import { namesIn } from "../dataset/sample_folders.ts";
import { writeTinyScans } from "../tiny_scans.ts";
import { runPython, testWithPython } from "../with_python.ts";
import { runMain } from "./run_main.ts";

const root = await Deno.makeTempDir();
globalThis.addEventListener("unload", () => Deno.removeSync(root, { recursive: true }));

const names = ["Dataset001_One", "Dataset002_Two"];
for (const [index, name] of ["One", "Two"].entries()) {
  await Dataset.create({
    ...{ root, id: index + 1, name },
    ...await writeTinyScans(join(root, name), { cases: 2 + index }),
    channels: ["MRI"],
    classes: ["shell", "ball"],
  });
}
const folders = names.map((name) => join(root, "nnUNet_preprocessed", name));
const small = ["--gpu_memory_target", "0.05", "--base_features", "4"];

/** Runs a command that must succeed. @returns What it prints. */
async function run(...args: string[]): Promise<string> {
  const { code, out, err } = await runMain(...args, "--root", root);
  assert.equal(code, 0, err + out);
  return out;
}

/** Runs a command that must fail. @returns The error. */
async function fail(...args: string[]): Promise<string> {
  const { code, err } = await runMain(...args, "--root", root);
  assert.notEqual(code, 0);
  return err;
}

Deno.test("plan_experiment needs a fingerprint", async () => {
  const error = await fail("plan_experiment", "-d", "1");
  assert.match(
    error,
    /found no .*dataset_fingerprint\.json; run .*extract_fingerprint -d 1 --root \S+ first/,
  );
});

Deno.test("names of plans that are paths are refused in the command line's words", async () => {
  const plan = ["plan_experiment", "-d", "1"];
  const move = ["move_plans_between_datasets", "-s", "1", "-t", "2"];
  const lines = [
    [...plan, "--overwrite_plans_name", "a/b c"],
    ["preprocess", "-d", "1", "--plans_name", "a/b c"],
    [...move, "-sp", "a/b c"],
    [...move, "-sp", "own", "-tp", "a/b c"],
    ["plot_overlay_pngs", "-d", "1", "-o", "x", "-p", "a/b c"],
  ];
  for (const line of lines) {
    assert.match(
      await fail(...line),
      /^Cannot .*: the name of the plans is "a\/b c", expected a valid file name$/,
    );
  }
});

Deno.test("extract_fingerprint reads several data sets once, and again with --clean", async () => {
  const first = await run(
    ...["nnUNetv2_extract_fingerprint", "-d", "1", "Dataset002_Two", "-np", "2"],
    ...["-fpe", "DatasetFingerprintExtractor", "--verify_dataset_integrity", "--verbose"],
  );
  assert.match(first, /^Dataset001_One\n2 cases checked, no errors\n/);
  assert.match(first, /^c0: 12 × 16 × 16 voxels of [\d.]+ × [\d.]+ × [\d.]+ mm$/m);
  assert.match(first, /\nDataset002_Two\n3 cases checked/);
  assert.deepEqual(namesIn(folders[0]), ["dataset.json", "dataset_fingerprint.json"]);
  const second = await run("extract_fingerprint", "-d", "1");
  assert.match(second, /^Using .*; --clean reads all cases again\n/);
  const clean = await run("extract_fingerprint", "-d", "1", "--clean", "--no_pbar");
  assert.match(clean, /^Fingerprint in /);
  assert.match(await fail("extract_fingerprint", "-d", "1", "-fpe", "Mine"), /'Mine' is invalid/);
});

Deno.test("a fingerprint that is older than its files is made anew", async () => {
  const [scan] = namesIn(join(root, "nnUNet_raw", names[0], "imagesTr"));
  const path = join(root, "nnUNet_raw", names[0], "imagesTr", scan);
  await Deno.utime(path, new Date(), new Date(Date.now() + 5000));
  const out = await run("plan_and_preprocess", "-d", "1", "--no_pp", ...small);
  assert.match(out, /^Warning: .*fingerprint\.json is older than .*; it is made anew\n/);
  await Deno.utime(path, new Date(), new Date(0));
  const again = await run("plan_and_preprocess", "-d", "1", "--no_pp", ...small);
  assert.match(again, /^Using /);
  assert.deepEqual(await listCases(join(folders[0], "nnUNetPlans_2d")), []);
});

Deno.test("plan_experiment plans several data sets under one name", async () => {
  const out = await run(
    ...["plan_experiment", "-d", "1", "2", "-pl", "ExperimentPlanner", ...small],
    ...["-overwrite_plans_name", "mine", "-preprocessor_name", "DefaultPreprocessor"],
  );
  assert.match(out, /\n3d_fullres: patch .*\nPlans in .*Dataset002_Two.mine\.json\n$/);
});

Deno.test("preprocess takes several data sets, and a number of workers per configuration", async () => {
  const error = await fail("preprocess", "-d", "1", "-c", "2d", "-np", "1", "2");
  assert.match(error, /--np has 2 numbers, expected 1, or 1, one per configuration/);
  const out = await run(
    ...["preprocess", "-d", "1", "2", "-plans_name", "mine", "-c", "2d", "3d_fullres"],
    ...["-np", "1", "2", "--verbose"],
  );
  assert.match(out, /^c0: 12 × 16 × 16 voxels of .* mm, cropped to 12 × 16 × 16, resampled to /m);
  assert.deepEqual(await listCases(join(folders[0], "mine_3d_fullres")), ["c0", "c1"]);
  assert.deepEqual(await listCases(join(folders[1], "mine_2d")), ["c0", "c1", "c2"]);
});

Deno.test("move_plans_between_datasets lets another data set be preprocessed alike", async () => {
  const out = await run(
    ...["nnUNetv2_move_plans_between_datasets", "-s", names[1], "-t", "1"],
    ...["-sp", "nnUNetPlans", "-tp", "nnUNetPlansFrom2"],
  ).catch((error) => `${error}`);
  assert.match(out, /found no .*nnUNetPlans\.json; plan the data set first/);
  await run("move_plans_between_datasets", "-s", "2", "-t", "1", "-sp", "mine", "-tp", "moved");
  // Replaced plans are mentioned if they differ.
  const move = ["move_plans_between_datasets", "-s", "2", "-t", "1", "-sp", "mine"];
  assert.doesNotMatch(await run(...move, "-tp", "moved"), /Warning/);
  await run("plan_experiment", "-d", "1", ...small, "-overwrite_plans_name", "own");
  assert.match(
    await run(...move, "-tp", "own"),
    /^Wrote .*own\.json\nWarning: Replaced the plans .*own\.json, which differed in .*; trainings /,
  );
  assert.match(
    await run("plan_experiment", "-d", "1", ...small, "-overwrite_plans_name", "own"),
    /^Warning: Replaced the plans .*own\.json, which differed in /,
  );
  await run("preprocess", "-d", "1", "-plans_name", "moved", "-c", "3d_fullres", "-np", "1");
  assert.deepEqual(await listCases(join(folders[0], "moved_3d_fullres")), ["c0", "c1"]);
});

testWithPython("move_plans_between_datasets writes what Python's does", async () => {
  const moved = join(folders[0], "moved.json");
  await run("move_plans_between_datasets", "-s", "2", "-t", "1", "-sp", "mine", "-tp", "moved");
  const own = await Deno.readTextFile(moved);
  await Deno.remove(moved);
  await runPython(
    "-c",
    "import os, sys; root = sys.argv[1]\n" +
      "for name in ('raw', 'preprocessed', 'results'):\n" +
      "    os.environ['nnUNet_' + name] = f'{root}/nnUNet_{name}'\n" +
      "from nnunetv2.experiment_planning.plans_for_pretraining.move_plans_between_datasets import " +
      "move_plans_between_datasets as move\n" +
      "move(2, 1, 'mine', 'moved')",
    root,
  );
  assert.equal(own, await Deno.readTextFile(moved));
});
