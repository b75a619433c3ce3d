/** Tests what `predict` says: its first lines, what it ignores, what failed and what to type. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import { writeImage } from "../../lib/image/image_files.ts";
import { namesIn } from "../dataset/sample_folders.ts";
import { makeTinyPlans, tinyScan } from "../tiny_scans.ts";
import { writeUntrainedFold, writeUntrainedModel } from "../untrained_model.ts";
import { runMain } from "./run_main.ts";

const { plans, root } = await makeTinyPlans({ cases: 2 });
globalThis.addEventListener("unload", () => Deno.removeSync(root, { recursive: true }));

// A model that was installed from a zip file: there are no plans beside the results.
const installed = join(root, "installed");
const model = await writeUntrainedModel(join(installed, "nnUNet_results"), {
  plansData: plans.plansData,
  datasetJson: plans.datasetJson,
  configuration: "3d_fullres",
});
const image = tinyScan(1).image;
const newFolder = () => Deno.makeTempDirSync({ dir: root });

/** Writes scans, and text under names that do not end in `.nii.gz`. */
async function scansNamed(...names: readonly string[]): Promise<string> {
  const folder = newFolder();
  for (const name of names) {
    const path = join(folder, name);
    if (name.endsWith(".nii.gz")) await writeImage(path, image);
    else await Deno.writeTextFile(path, "");
  }
  return folder;
}

const predict = (input: string, output: string, ...args: string[]) =>
  runMain(
    ...["predict", "-i", input, "-o", output, "--disable_tta", "--threads", "1"],
    ...["--device", "cpu", ...args],
  );
const byNumber = ["-d", "1", "-c", "3d_fullres", "--root", installed];

function test(name: string, fn: () => Promise<void>) {
  // Listeners for Ctrl-C stay until the process ends.
  Deno.test({ name, fn, sanitizeOps: false, sanitizeResources: false });
}

test("predict begins with model, patch and cases, and says what it did not take and what failed", async () => {
  const input = await scansNamed(
    ...["a_0000.nii.gz", "b_0000.nii", "c.nii.gz", "d_0000.NII.GZ", "e_0001.nii.gz"],
    ...["f_000.nii.gz", "g_0000.nii.gz"],
  );
  await Deno.writeTextFile(join(input, "g_0000.nii.gz"), "damaged");
  const output = join(newFolder(), "labels");
  const { code, out, err } = await predict(input, output, ...byNumber, "-f", "0");
  assert.equal(code, 1);
  assert.deepEqual(out.trim().split("\n"), [
    "Model: Dataset001_Tiny 3d_fullres, nnUNetPlans, nnUNetTrainer, fold 0, checkpoint_final.pth",
    "Patch: 12 × 16 × 16 voxels in steps of 0.5, no mirrored views",
    "Ignored b_0000.nii: ends in .nii, expected .nii.gz",
    "Ignored d_0000.NII.GZ: ends in .NII.GZ, expected .nii.gz",
    "Warning: c.nii.gz, f_000.nii.gz: no channel number such as _0000, taken as whole scans",
    `Failed: Cannot predict case "e" of ${input}: found e_0001.nii.gz, but no e_0000.nii.gz`,
    `Cases: 4 of ${input}, on cpu, label maps to ${output}`,
    out.trim().split("\n").at(-1),
  ]);
  assert.match(out, /\nFailed: Cannot predict case "g" of .*: Cannot read .*g_0000.nii.gz: .*\n$/);
  assert.match(
    err,
    /^Cannot predict 2 of 5 cases; the other 3 cases are done:\n {2}e: found e_0001.*\n {2}g: Cannot read/,
  );
  assert.deepEqual(namesIn(output).filter((name) => name.endsWith(".nii.gz")), [
    "a.nii.gz",
    "c.nii.gz",
    "f_000.nii.gz",
  ]);
});

test("predict names the folds that are trained and how to finish the others", async () => {
  const input = await scansNamed("a_0000.nii.gz");
  const output = join(newFolder(), "labels");
  await writeUntrainedFold(model, 1, 1, "checkpoint_best.pth");
  const failing = async (...args: string[]) => {
    const { code, err } = await predict(input, output, ...args);
    assert.ok(code === 1 || code === 2, err);
    return err;
  };
  const train = `deno task nnunet train 1 3d_fullres`;
  try {
    assert.equal(
      await failing(...byNumber),
      `Cannot open model ${model}: fold 1 has checkpoint_best.pth, but no checkpoint_final.pth; ` +
        "folds 2, 3, 4 are not trained; predict with the trained ones, -f 0, or finish fold 1 with " +
        `${train} 1 --c --root ${installed}, or use what it has, --chk checkpoint_best.pth`,
    );
    assert.equal(
      await failing(...byNumber, "-f", "9"),
      `Cannot open model ${model}: fold 9 is not trained; predict with the trained ones, -f 0, or ` +
        `train fold 9 with ${train} 9 --root ${installed}`,
    );
    assert.match(await failing(...byNumber, "-f", "all"), /fold all is not trained/);
    assert.match(
      await failing(...byNumber, "-f", "0", "--chk", "checkpoint_latest.pth"),
      /fold 0 has checkpoint_final.pth, but no checkpoint_latest.pth; use what it has, --chk/,
    );
  } finally {
    await Deno.remove(join(model, "fold_1"), { recursive: true });
  }
  const results = join(installed, "nnUNet_results", "Dataset001_Tiny");
  assert.equal(
    await failing("-d", "1", "-c", "2d", "--tr", "nnUNetTrainer_5epochs", "--root", installed),
    "Cannot predict with nnUNetTrainer_5epochs__nnUNetPlans__2d: it is not trained; " +
      `${results} has nnUNetTrainer__nnUNetPlans__3d_fullres; choose one of them with --tr, -p and ` +
      `-c, or train it with ${train.replace("3d_fullres", "2d")} FOLD --tr nnUNetTrainer_5epochs ` +
      `--root ${installed}`,
  );
  assert.match(
    await failing("-d", "1", "-c", "4d", "--root", root),
    /^Cannot predict with 4d: nnUNetPlans of data set 1 has 2d, 3d_fullres; /,
  );
  assert.match(
    await failing("-d", "7", "-c", "2d", "--root", installed),
    /it is not trained; found data set 1 in .*nnUNet_results; train it with/,
  );
  assert.match(await failing("--model", model, "-d", "1"), /pass either --model or -d, not both/);
  assert.deepEqual(namesIn(join(output, "..")), []);
});

test("predict refuses options that one scan cannot have, and a file's name for a folder", async () => {
  const input = await scansNamed("a_0000.nii.gz");
  const scan = join(input, "a_0000.nii.gz");
  const output = join(newFolder(), "a.nii.gz");
  const common = [...byNumber, "-f", "0"];
  for (
    const option of [
      "--save_probabilities",
      "--save_probabilities_nifti",
      "--file_per_label",
      "--continue_prediction",
    ]
  ) {
    const { code, err } = await predict(scan, output, ...common, option);
    assert.equal(code, 2);
    assert.match(err, new RegExp(`^Cannot use ${option} with the files of one scan`));
  }
  const folder = await predict(input, output, ...common);
  assert.match(folder.err, /it is a folder, but .*a\.nii\.gz is the name of a file; pass a folder/);
  const format = await predict(scan, join(newFolder(), "labels"), ...common);
  assert.match(format.err, /^Cannot write .*labels: unknown file ending/);
});

test("predict refuses to continue with another model, and names the options", async () => {
  const input = await scansNamed("a_0000.nii.gz");
  const output = join(newFolder(), "labels");
  const common = [...byNumber, "-f", "0"];
  assert.equal((await predict(input, output, ...common)).code, 0);
  const { code, err } = await predict(
    ...[input, output, ...common, "--continue_prediction", "--step_size", "1"] as const,
  );
  assert.equal(code, 1);
  assert.equal(
    err,
    `Cannot continue the prediction in ${output}: its label maps were made with step size 0.5, ` +
      "expected 1; leave out --continue_prediction to predict all cases anew, or choose another -o",
  );
  const again = await predict(input, output, ...common, "--continue_prediction");
  assert.equal(again.code, 0, again.err);
  assert.match(again.out, /\nCases: 1 of .*, 1 of them done before, on cpu/);
});

test("evaluate_folder finds dataset.json and plans.json beside the predictions", async () => {
  const input = await scansNamed("a_0000.nii.gz");
  const output = join(newFolder(), "labels");
  assert.equal((await predict(input, output, ...byNumber, "-f", "0")).code, 0);
  const truth = newFolder();
  for (const name of ["a.nii.gz", "b.nii.gz"]) {
    await Deno.copyFile(join(output, "a.nii.gz"), join(truth, name));
  }
  await Deno.writeTextFile(join(truth, "notes.txt"), "");
  const { code, out, err } = await runMain("evaluate_folder", truth, output, "--chill");
  assert.equal(code, 0, err);
  assert.match(out, /Ignored .*b\.nii\.gz: a reference without a prediction\n/);
  assert.match(out, /Ignored .*notes\.txt: does not end in \.nii\.gz\n/);
  assert.ok(namesIn(output).includes("summary.json"));
  await Deno.remove(join(output, "dataset.json"));
  const missing = await runMain("evaluate_folder", truth, output, "--chill");
  assert.equal(
    missing.err,
    `Cannot evaluate ${output}: it has no dataset.json; pass its path as --djfile`,
  );
});
