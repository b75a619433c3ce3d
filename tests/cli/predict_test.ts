/** Tests `predict` with the options of both versions, and exported models. */

import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "@std/path";
import { toPredictArguments } from "../../lib/cli/commands/predict_version1.ts";
import { writePlans } from "../../lib/files/plans_file.ts";
import { readSegmentation, writeImage } from "../../lib/image/image_files.ts";
import type { PlansData } from "../../lib/files/plans.ts";
import { Predictor } from "../../lib/predictor.ts";
import { namesIn } from "../dataset/sample_folders.ts";
import { makeTinyPlans, tinyScan } from "../tiny_scans.ts";
import { writeUntrainedModel } from "../untrained_model.ts";
import { runCli } from "./run_cli.ts";

const { plans, root } = await makeTinyPlans({ cases: 2 });
globalThis.addEventListener("unload", () => Deno.removeSync(root, { recursive: true }));

// The models of both stages of a cascade.
const fullres = plans.configuration("3d_fullres");
const plansData: PlansData = {
  ...plans.plansData,
  configurations: {
    "3d_lowres": {
      ...fullres,
      name: "3d_lowres",
      dataIdentifier: "nnUNetPlans_3d_lowres",
      spacing: [1.5, 1.5, 1.5],
      nextStages: ["3d_cascade_fullres"],
    },
    "3d_fullres": fullres,
    "3d_cascade_fullres": { ...fullres, name: "3d_cascade_fullres", previousStage: "3d_lowres" },
  },
};
await writePlans(join(plans.folder, "nnUNetPlans.json"), plansData);
const { results } = plans.folders;
const common = { plansData, datasetJson: plans.datasetJson };
const model = await writeUntrainedModel(results, { ...common, configuration: "3d_fullres" });
for (const configuration of ["3d_lowres", "3d_cascade_fullres"] as const) {
  await writeUntrainedModel(results, { ...common, configuration });
}

const scans = join(root, "scans");
for (const [i, name] of ["a", "b"].entries()) {
  await writeImage(join(scans, `${name}_0000.nii.gz`), tinyScan(i).image);
}

const record = ["dataset.json", "plans.json", "predict_from_raw_data_args.json"];
const newFolder = () => Deno.makeTempDirSync({ dir: root });
const labelsIn = async (folder: string, name: string) =>
  (await readSegmentation(join(folder, `${name}.nii.gz`))).data;

async function run(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await runCli(...args, "--root", root);
  assert.equal(code, 0, err);
  return out;
}

Deno.test("nnUNet_predict prints and runs the equivalent predict command", async () => {
  const output = newFolder();
  const out = await run(
    ...["nnUNet_predict", "-i", scans, "-o", output, "-t", "Task001_Tiny", "-m", "3d_fullres"],
    ...["-tr", "nnUNetTrainerV2", "-f", "0", "--num_threads_preprocessing", "1", "--disable_tta"],
  );
  assert.equal(
    out.split("\n")[0],
    `nnUNet_predict is now: nnunet predict -i ${scans} -o ${output} -d 1 -c 3d_fullres -f 0 ` +
      `--tr nnUNetTrainer --disable_tta --continue_prediction --root ${root}`,
  );
  assert.match(out, /\nIgnoring --num_threads_preprocessing and --num_threads_nifti_save: /);
  assert.ok(out.endsWith(`2 label maps in ${output}\n`));
  assert.deepEqual(namesIn(output), ["a.nii.gz", "b.nii.gz", ...record]);
});

Deno.test("toPredictArguments() translates names and keeps existing label maps by default", () => {
  const given = { i: "in", o: "out", t: "4", m: "3d_cascade_fullres" };
  assert.deepEqual(
    toPredictArguments({
      ...given,
      f: ["0", "1"],
      p: "nnUNetPlansv2.1",
      tr: "nnUNetTrainerV2",
      ctr: "nnUNetTrainerV2CascadeFullRes",
      chk: "model_best",
      l: "lowres",
      z: true,
      step_size: 0.25,
      num_parts: 3,
      part_id: 2,
      overwrite_existing: true,
    }),
    {
      i: ["in"],
      o: "out",
      d: 4,
      c: "3d_cascade_fullres",
      f: ["0", "1"],
      p: "nnUNetPlans",
      tr: "nnUNetTrainer",
      chk: "checkpoint_best.pth",
      step_size: 0.25,
      save_probabilities: true,
      prev_stage_predictions: "lowres",
      num_parts: 3,
      part_id: 2,
    },
  );
  const { continue_prediction, tr } = toPredictArguments({
    ...given,
    m: "2d",
    tr: "My",
    ctr: "Other",
  });
  assert.deepEqual({ continue_prediction, tr }, { continue_prediction: true, tr: "My" });
  assert.throws(() => toPredictArguments({ ...given, t: "Hippocampus" }), {
    message: "Cannot use task Hippocampus: expected a number, or a name like Task004_Name",
  });
});

Deno.test("predict splits cases into parts, resumes and saves probabilities", async () => {
  const output = newFolder();
  const predict = (...args: string[]) =>
    run("predict", "-i", scans, "-o", output, "-d", "1", "-c", "3d_fullres", "-f", "0", ...args);
  await predict("-num_parts", "2", "-part_id", "1", "--disable_tta");
  assert.deepEqual(namesIn(output), ["b.nii.gz", ...record]);
  const { mtime } = await Deno.stat(join(output, "b.nii.gz"));
  await predict("--continue_prediction", "--disable_tta");
  assert.deepEqual(namesIn(output), ["a.nii.gz", "b.nii.gz", ...record]);
  assert.deepEqual((await Deno.stat(join(output, "b.nii.gz"))).mtime, mtime);
  const all = ["a.nii.gz", "a.npz", "a.pkl", "b.nii.gz", "b.npz", "b.pkl", ...record];
  await predict("--continue_prediction", "--save_probabilities", "--disable_tta");
  assert.deepEqual(namesIn(output), all);
});

Deno.test("predict runs a cascade's first stage, or uses given predictions", async () => {
  const [whole, second] = [newFolder(), newFolder()];
  const predict = (output: string, ...args: string[]) =>
    runCli(
      ...["predict", "-i", scans, "-o", output, "-d", "1", "-c", "3d_cascade_fullres", "-f", "0"],
      ...["--disable_tta", "--root", root, ...args],
    );
  const { code, err } = await predict(whole);
  assert.equal(code, 0, err);
  const first = join(whole, "3d_lowres_predictions");
  assert.deepEqual(namesIn(first), ["a.nii.gz", "b.nii.gz", ...record]);
  assert.equal((await predict(second, "-prev_stage_predictions", first)).code, 0);
  assert.deepEqual(namesIn(second), ["a.nii.gz", "b.nii.gz", ...record]);
  for (const name of ["a", "b"]) {
    assert.deepEqual(await labelsIn(second, name), await labelsIn(whole, name));
  }
  const before = await Deno.readFile(join(first, "a.nii.gz"));
  const same = await predict(first, "-prev_stage_predictions", first);
  assert.equal(same.code, 1);
  assert.match(
    same.err,
    /results would replace the first stage's label maps in .*; choose another -o/,
  );
  const scan = join(scans, "a_0000.nii.gz");
  const labels = join(first, "a.nii.gz");
  const one = await runCli(
    ...["predict", "-i", scan, "-o", labels, "-d", "1", "-c", "3d_cascade_fullres", "-f", "0"],
    ...["--root", root, "-prev_stage_predictions", labels],
  );
  assert.equal(one.code, 1);
  assert.match(one.err, /^Cannot predict .*: the result would replace .*; choose another -o/m);
  assert.deepEqual(await Deno.readFile(labels), before);
  const lacking = newFolder();
  cpSync(join(first, "a.nii.gz"), join(lacking, "a.nii.gz"));
  const third = newFolder();
  const failed = await predict(third, "-prev_stage_predictions", lacking);
  assert.equal(failed.code, 1);
  assert.ok(
    failed.err.includes(
      `Cannot predict case "b" of ${scans}: found no 3d_lowres segmentation ` +
        join(lacking, "b.nii.gz"),
    ),
    failed.err,
  );
  assert.deepEqual(namesIn(third), ["a.nii.gz", ...record]);
});

Deno.test("predict accepts one scan and a model's path, and follows its options", async () => {
  const folder = newFolder();
  const output = join(folder, "a.nii.gz");
  const scan = join(scans, "a_0000.nii.gz");
  await Deno.rename(
    join(model, "fold_0", "checkpoint_final.pth"),
    join(model, "fold_0", "mine.pth"),
  );
  await run(
    ...["predict", "-i", scan, "-o", output, "--model", model, "-f", "0", "-chk", "mine.pth"],
    ...["-step_size", "1", "--disable_gaussian", "--disable_tta", "--device", "cpu"],
    ...["--threads", "1"],
  );
  using predictor = await Predictor.open(join(model, "fold_0", "mine.pth"), {
    stepSize: 1,
    gaussian: false,
    mirroring: false,
    threads: 1,
    device: "cpu",
  });
  const { data } = await predictor.predict([scan]);
  assert.deepEqual(await labelsIn(folder, "a"), data);
  await Deno.rename(
    join(model, "fold_0", "mine.pth"),
    join(model, "fold_0", "checkpoint_final.pth"),
  );
});

Deno.test("a model exported as ONNX or packed as zip predicts the same elsewhere", async () => {
  const folder = newFolder();
  const [onnx, zip] = [join(folder, "model.onnx"), join(folder, "model.zip")];
  await run("export_onnx", "-o", onnx, "-d", "1", "-c", "3d_fullres", "--probabilities");
  await run("export_model_to_zip", "-o", zip, "-d", "1", "-c", "3d_fullres");
  const { code, out, err } = await runCli(
    ...["install_pretrained_model_from_zip", zip, "--root", folder],
  );
  assert.equal(code, 0, err);
  const installed = /^Installed (.*)$/m.exec(out)![1];
  const scan = [join(scans, "a_0000.nii.gz")];
  const labels = await Promise.all([model, onnx, installed].map(async (path) => {
    using predictor = await Predictor.open(path, { threads: 1, device: "cpu", mirroring: false });
    return (await predictor.predict(scan)).data;
  }));
  assert.deepEqual(labels[1], labels[0]);
  assert.deepEqual(labels[2], labels[0]);
});

Deno.test("predict_from_modelfolder predicts as predict does, with nnU-Net's options", async () => {
  const [expected, output] = [newFolder(), newFolder()];
  const common = ["-i", scans, "-f", "0", "--disable_tta", "-device", "cpu"];
  await run("predict", ...common, "-o", expected, "-d", "1", "-c", "3d_fullres");
  const { code, out, err } = await runCli(
    ...["nnUNetv2_predict_from_modelfolder", ...common, "-o", output, "-m", model],
    ...["-npp", "3", "-nps", "3", "--verbose", "--disable_progress_bar", "--not_on_device"],
  );
  assert.equal(code, 0, err);
  assert.match(out, /^-npp and -nps are not needed: one case is read while another is predicted/m);
  assert.match(out, /^--not_on_device is not needed: on the CPU, /m);
  assert.match(out, /^a: written after \d:\d\d\nb: written after /m);
  for (const name of ["a", "b"]) {
    assert.deepEqual(await labelsIn(output, name), await labelsIn(expected, name));
  }
  const kept = await runCli(
    ...["predict_from_modelfolder", ...common, "-o", output, "-m", model, "--c"],
  );
  assert.match(kept.out, /, 2 of them done before, on cpu/);
});
