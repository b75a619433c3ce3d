/** Tests that commands replace neither what they read nor files that they have not written. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import { Ensembler } from "../../lib/ensembler.ts";
import { fileNames } from "../../lib/files/paths.ts";
import { writeImage, writeSegmentation } from "../../lib/image/image_files.ts";
import { applyPostprocessing } from "../../lib/postprocessing/apply_to_folder.ts";
import { snapshot } from "../dataset/sample_folders.ts";
import { datasetJson, writeMember } from "../ensembling/member_folder.ts";
import { makeTinyPlans, tinyScan } from "../tiny_scans.ts";
import { writeUntrainedModel } from "../untrained_model.ts";
import { runMain } from "./run_main.ts";

const { plans, root } = await makeTinyPlans({ cases: 2 });
globalThis.addEventListener("unload", () => Deno.removeSync(root, { recursive: true }));
const model = await writeUntrainedModel(join(root, "nnUNet_results"), {
  plansData: plans.plansData,
  datasetJson: plans.datasetJson,
  configuration: "3d_fullres",
});
const { image, segmentation } = tinyScan(1);
const newFolder = () => Deno.makeTempDirSync({ dir: root });
const fast = ["--disable_tta", "--threads", "1", "--device", "cpu"];

function test(name: string, fn: () => Promise<void>) {
  // Listeners for Ctrl-C stay until the process ends.
  Deno.test({ name, fn, sanitizeOps: false, sanitizeResources: false });
}

/** Runs a command that must fail with a message, and leave a folder as it is. */
async function refused(folder: string, message: RegExp, ...args: string[]) {
  const before = snapshot(folder);
  const { code, err } = await runMain(...args);
  assert.equal(code, 1, err);
  assert.match(err, message);
  assert.deepEqual(snapshot(folder), before);
}

test("ensemble does not replace a member's predictions", async () => {
  const folder = newFolder();
  const [a, b] = [join(folder, "a"), join(folder, "b")];
  for (const member of [a, b]) await writeMember(member, "x", new Float32Array(4), [2, 1, 1, 2]);
  await Deno.writeTextFile(join(a, "dataset.json"), datasetJson({ background: 0, a: 1 }));
  for (const output of [a, join(b, "..", "b")]) {
    await refused(
      folder,
      /^Cannot ensemble .*: the results would replace the member's predictions in .*; choose another -o$/,
      ...["ensemble", "-i", a, b, "-o", output, "--np", "1"],
    );
  }
});

test("applyPostprocessing() does not replace its input", async () => {
  const folder = newFolder();
  await writeSegmentation(join(folder, "a.nii.gz"), segmentation);
  await Deno.writeTextFile(join(folder, "dataset.json"), datasetJson({ background: 0, a: 1 }));
  await Deno.writeTextFile(
    join(folder, "postprocessing.json"),
    JSON.stringify({ postprocessing_fns: [], postprocessing_kwargs: [] }),
  );
  const before = snapshot(folder);
  await assert.rejects(
    applyPostprocessing({ input: folder, output: folder, steps: [], fileEnding: ".nii.gz" }),
    {
      message: new RegExp(`would replace the label maps in ${folder}; choose another \`output\`$`),
    },
  );
  assert.deepEqual(snapshot(folder), before);
});

test("exports do not replace files of other kinds", async () => {
  const folder = newFolder();
  const path = join(folder, "a");
  await Deno.writeTextFile(path, "a model");
  const named = ["-d", "1", "-c", "3d_fullres", "-f", "0", "--root", root, "-o", path];
  await refused(
    folder,
    /^Cannot export a page: .*a exists and is no exported page; choose another file, .* \.html$/,
    ...["export_html", ...named],
  );
  await refused(
    folder,
    /^Cannot export: .*a exists and is not a \.onnx file; choose another name$/,
    ...["export_onnx", ...named],
  );
  await refused(
    folder,
    /^Cannot export models: .*a exists and is not a \.zip file; choose another name$/,
    ...["export_model_to_zip", ...named],
  );
});

test("evaluate_simple does not replace a label map by its summary, but an older summary", async () => {
  const folder = newFolder();
  const file = join(folder, "a.nii.gz");
  await writeSegmentation(file, segmentation);
  const evaluate = ["evaluate_simple", folder, folder, "-l", "1", "-o"];
  await refused(
    folder,
    /^Cannot write .*a\.nii\.gz: it exists and is no summary of an evaluation; choose another -o$/,
    ...[...evaluate, file],
  );
  for (let run = 0; run < 2; run++) {
    const { code, err } = await runMain(...evaluate, join(folder, "scores.json"));
    assert.equal(code, 0, err);
  }
});

test("plot_overlay_pngs does not replace label maps", async () => {
  const folder = newFolder();
  const raw = join(folder, "nnUNet_raw", "Dataset003_Flat");
  const flat = (value: (i: number) => number) => ({
    geometry: {
      shape: [1, 4, 4] as const,
      spacing: [999, 1, 1] as const,
      affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 999, 0, 0, 0, 0, 1],
    },
    data: Uint8Array.from({ length: 16 }, (_, i) => value(i)),
  });
  await writeSegmentation(join(raw, "imagesTr", "a_0000.png"), flat((i) => i));
  await writeSegmentation(join(raw, "labelsTr", "a.png"), flat((i) => i % 2));
  await Deno.writeTextFile(
    join(raw, "dataset.json"),
    datasetJson({ background: 0, a: 1 }).replace(".nii.gz", ".png"),
  );
  await refused(
    raw,
    /^Cannot draw overlays: a picture would replace .*labelsTr.a\.png; choose another -o$/,
    ...["plot_overlay_pngs", "-d", "3", "--use_raw", "-o", join(raw, "labelsTr"), "--root", folder],
  );
});

test("predict into the folder of the scans does not take these for label maps", async () => {
  const folder = newFolder();
  for (const name of ["a_0000.nii.gz", "b_0000.nii.gz"]) {
    await writeImage(join(folder, name), image);
  }
  const { code, out, err } = await runMain(
    ...["predict", "-i", folder, "-o", folder, "--model", model, "-f", "0", ...fast],
  );
  assert.equal(code, 0, err);
  assert.doesNotMatch(out, /Warning/);
});

test("Ensembler.predictFolder() does not replace a scan by its label map", async () => {
  const folder = newFolder();
  await writeImage(join(folder, "a.nii.gz"), image);
  const dataset = join(model, "..");
  const postprocessing = join(dataset, "postprocessing.json");
  await Deno.writeTextFile(
    postprocessing,
    JSON.stringify({ postprocessing_fns: [], postprocessing_kwargs: [] }),
  );
  await Deno.writeTextFile(
    join(dataset, fileNames.inferenceInformation),
    JSON.stringify({
      folds: [0],
      all_results: {},
      best_model_or_ensemble: {
        result_on_crossval_pre_pp: 1,
        postprocessing_file: postprocessing,
        some_plans_file: join(model, "plans.json"),
        selected_model_or_models: [{
          configuration: "3d_fullres",
          trainer: "nnUNetTrainer",
          plans_identifier: "nnUNetPlans",
        }],
      },
    }),
  );
  using ensembler = await Ensembler.open(dataset, { threads: 1, device: "cpu", mirroring: false });
  const before = snapshot(folder);
  await assert.rejects(
    ensembler.predictFolder({ input: folder, output: folder }),
    /its label map would replace it; choose another output$/,
  );
  assert.deepEqual(snapshot(folder), before);
});
