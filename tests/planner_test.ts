import assert from "node:assert/strict";
import { join } from "@std/path";
import { Dataset } from "../lib/dataset/dataset.ts";
import type { Zyx } from "../lib/array/nd_array.ts";
import { readPlans } from "../lib/files/plans_file.ts";
import { readSplits, writeSplits } from "../lib/files/splits_file.ts";
import { writeImage, writeSegmentation } from "../lib/image/image_files.ts";
import { MissingPlansError } from "../lib/planning/missing_plans_error.ts";
import { Planner } from "../lib/planner.ts";
import { Trainer } from "../lib/trainer.ts";
import { Plans } from "../lib/plans.ts";

const affine = [-1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1];

/** Runs a test with two cases of 10 × 20 × 20 voxels with a labelled first row, in a new root. */
async function withDataset(test: (dataset: Dataset, root: string) => Promise<void>) {
  const root = await Deno.makeTempDir();
  try {
    const shape: Zyx = [10, 20, 20];
    const geometry = { shape, spacing: [2, 1, 1] as Zyx, affine };
    for (const name of ["a", "b"]) {
      const data = new Float32Array(4000).fill(name === "a" ? 1 : 3);
      await writeImage(join(root, "images", `${name}.nii.gz`), { geometry, channels: 1, data });
      await writeSegmentation(join(root, "labels", `${name}.nii.gz`), {
        geometry,
        data: new Uint8Array(4000).fill(1, 0, 20),
      });
    }
    const dataset = await Dataset.create({
      root,
      id: 7,
      name: "Boxes",
      images: join(root, "images"),
      labels: join(root, "labels"),
      channels: ["CT"],
      classes: ["box"],
    });
    await test(dataset, root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("Planner.plan() writes the files that preprocessing and training need", () =>
  withDataset(async (dataset, root) => {
    const steps: number[] = [];
    const plans = await new Planner().plan(dataset, { onProgress: (done) => steps.push(done) });
    assert.deepEqual(steps, [1, 2]);
    assert.equal(plans.folder, join(root, "nnUNet_preprocessed", "Dataset007_Boxes"));
    assert.deepEqual(plans.fingerprint.shapesAfterCrop, [[10, 20, 20], [10, 20, 20]]);
    assert.deepEqual(plans.fingerprint.spacings, [[2, 1, 1], [2, 1, 1]]);
    assert.equal(plans.fingerprint.intensityProperties[0].mean, 2);
    assert.equal(plans.plansData.datasetName, "Dataset007_Boxes");
    assert.equal(plans.plansData.imageReaderWriter, "SimpleITKIO");
    assert.deepEqual(plans.configuration("2d").normalizationSchemes, ["CTNormalization"]);

    const names = await Array.fromAsync(Deno.readDir(plans.folder), ({ name }) => name);
    assert.deepEqual(names.sort(), [
      "dataset.json",
      "dataset_fingerprint.json",
      "gt_segmentations",
      "nnUNetPlans.json",
    ]);
    assert.deepEqual(
      await Deno.readFile(join(plans.folder, "gt_segmentations", "b.nii.gz")),
      await Deno.readFile(dataset.cases[1].label),
    );
  }));

Deno.test("Planner.plan() and Plans.preprocess() refuse cases with gaps between channels", () =>
  withDataset(async (dataset, root) => {
    const plans = await new Planner().plan(dataset);
    const images = join(dataset.folder, "imagesTr");
    await Deno.rename(join(images, "b_0000.nii.gz"), join(images, "b_0001.nii.gz"));
    const changed = await Dataset.open({ root, id: 7 });
    const message = /^RangeError: Cannot \w+: b_0000\.nii\.gz is missing, expected each case's/;
    await assert.rejects(new Planner().plan(changed), message);
    await assert.rejects(plans.preprocess(changed, { configurations: ["2d"] }), message);
  }));

Deno.test("Planner.plan() follows its options, and reads no cases if given a fingerprint", () =>
  withDataset(async (dataset) => {
    const { fingerprint } = await new Planner().plan(dataset);
    const planner = new Planner({ plansName: "small", gpuMemoryTarget: 0.05, baseFeatures: 8 });
    const onProgress = () => assert.fail("Read a case");
    const plans = await planner.plan(dataset, { fingerprint, onProgress });
    assert.deepEqual(await readPlans(join(plans.folder, "small.json")), plans.plansData);
    assert.equal(plans.configuration("2d").dataIdentifier, "small_2d");
    assert.equal(plans.configuration("2d").architecture.featuresPerStage[0], 8);
  }));

Deno.test("Planner.plan() warns of other plans that it replaces, and of no equal ones", () =>
  withDataset(async (dataset) => {
    const warnings: string[] = [];
    const onWarning = (message: string) => warnings.push(message);
    const { fingerprint, folder } = await new Planner({ baseFeatures: 4 }).plan(dataset);
    await new Planner({ baseFeatures: 4 }).plan(dataset, { fingerprint, onWarning });
    const path = join(folder, "nnUNetPlans.json");
    // Python's plans are written otherwise.
    await Deno.writeTextFile(path, JSON.stringify(JSON.parse(await Deno.readTextFile(path))));
    await new Planner({ baseFeatures: 4 }).plan(dataset, { fingerprint, onWarning });
    assert.deepEqual(warnings, []);
    await new Planner({ baseFeatures: 8 }).plan(dataset, { fingerprint, onWarning });
    assert.deepEqual(warnings, [
      `Replaced the plans ${path}, which differed in features_per_stage; trainings with the old ` +
      "ones keep them as plans.json in their results",
    ]);
    await Deno.writeTextFile(path, "[]");
    await new Planner({ baseFeatures: 8 }).plan(dataset, { fingerprint, onWarning });
    assert.match(warnings[1], /^Replaced the plans .*nnUNetPlans\.json; trainings /);
  }));

Deno.test("Planner.plan() copies splits from the data set's folder, but never overwrites them", () =>
  withDataset(async (dataset) => {
    const given = join(dataset.folder, "splits_final.json");
    const first = [{ train: ["a"], validation: ["b"] }];
    await writeSplits(given, first);
    const { folder, fingerprint } = await new Planner().plan(dataset);
    await writeSplits(given, [...first, { train: ["b"], validation: ["a"] }]);
    await new Planner().plan(dataset, { fingerprint });
    assert.deepEqual(await readSplits(join(folder, "splits_final.json")), first);
  }));

Deno.test("Planner.plan() writes nothing when aborted", () =>
  withDataset(async (dataset, root) => {
    const signal = AbortSignal.abort(new Error("Enough"));
    await assert.rejects(new Planner().plan(dataset, { signal }), { message: "Enough" });
    await assert.rejects(Deno.stat(join(root, "nnUNet_preprocessed")), Deno.errors.NotFound);
  }));

Deno.test("Plans.open() reads what Planner.plan() wrote", () =>
  withDataset(async (dataset, root) => {
    const plans = await new Planner().plan(dataset);
    assert.deepEqual(await Plans.open({ root, id: 7 }), plans);
    assert.deepEqual(await Plans.open({ folders: dataset.folders, id: 7 }), plans);
    await assert.rejects(
      Plans.open({ root, id: 7, plansName: "other" }),
      (error: MissingPlansError) => {
        assert.ok(error instanceof MissingPlansError);
        assert.match(
          error.message,
          /found no .*other\.json; plan the data set first, with `new Planner\(\)\.plan\(dataset\)`$/,
        );
        assert.deepEqual([error.id, error.plansName], [7, "other"]);
        return true;
      },
    );
    await assert.rejects(
      Plans.open({ root, id: 8 }),
      /^MissingPlansError: Cannot open plans of data set 8: found data set 7 in .*nnUNet_preprocessed;/,
    );
  }));

Deno.test("Plans.configuration() lists the configurations if one is missing", () =>
  withDataset(async (dataset) => {
    const plans = await new Planner().plan(dataset);
    assert.equal(plans.configuration("3d_fullres").name, "3d_fullres");
    assert.throws(() => plans.configuration("3d_lowres"), {
      name: "RangeError",
      message: 'Cannot use configuration "3d_lowres": nnUNetPlans of Dataset007_Boxes has ' +
        "2d, 3d_fullres",
    });
  }));

Deno.test("Planner.plan() checks its arguments before it reads cases", async () => {
  const planner = new Planner({ planner: "nnUNetPlanner" as never });
  const cases = [{ name: "a", images: ["/nowhere/a_0000.nii.gz"], label: "/nowhere/a.nii.gz" }];
  const dataset = { cases, json: { channelNames: ["MRI"] } };
  await assert.rejects(planner.plan(dataset as never), {
    name: "RangeError",
    message: /^Cannot plan: planner is "nnUNetPlanner", expected one of ExperimentPlanner, /,
  });
  await assert.rejects(planner.plan(Promise.resolve(dataset) as never), {
    name: "TypeError",
    message:
      "Cannot plan: dataset is a promise, expected a data set, as `Dataset.open()` returns it; await it",
  });
  assert.throws(() => new Trainer(Promise.resolve() as never, "2d"), {
    name: "TypeError",
    message: "Cannot train: plans is a promise, expected Plans; await it",
  });
});
