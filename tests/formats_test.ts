/** Tests every format end to end, from a user's folders to predictions. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import { PNG } from "pngjs";
import { Dataset } from "../lib/dataset/dataset.ts";
import { verifyDatasetIntegrity } from "../lib/dataset/integrity.ts";
import { evaluateFolder } from "../lib/evaluation/evaluate_folder.ts";
import { readDatasetJson, writeDatasetJson } from "../lib/files/dataset_file.ts";
import { pictureGeometry } from "../lib/image/picture.ts";
import {
  readImage,
  readSegmentation,
  writeImage,
  writeSegmentation,
} from "../lib/image/image_files.ts";
import { Planner } from "../lib/planner.ts";
import type { Plans } from "../lib/plans.ts";
import { Predictor } from "../lib/predictor.ts";
import { Trainer } from "../lib/trainer.ts";
import golden from "./golden/images.json" with { type: "json" };
import { namesIn } from "./dataset/sample_folders.ts";
import { makeTinyPlans, tinyShape, writeTinyScans } from "./tiny_scans.ts";
import { withTemporaryFolder } from "./temporary_folder.ts";

const planner = new Planner({ gpuMemoryTarget: 0.05, baseFeatures: 4 });

/** Trains a model for a single step. */
async function train(plans: Plans, configuration: "2d" | "3d_fullres"): Promise<Trainer> {
  const trainer = new Trainer(plans, configuration, {
    epochs: 1,
    iterations: 1,
    validationIterations: 1,
    threads: 1,
    loaders: 1,
  });
  await Array.fromAsync(trainer.fit());
  return trainer;
}

const { plans: tinyPlans, root: tinyRoot } = await makeTinyPlans();
globalThis.addEventListener("unload", () => Deno.removeSync(tinyRoot, { recursive: true }));
const volumeTrainer = await train(tinyPlans, "3d_fullres");

/** Opens the model for volumes, changed to expect another file ending. */
async function openFor(ending: string): Promise<Predictor> {
  const path = join(volumeTrainer.modelFolder, "dataset.json");
  await writeDatasetJson(path, { ...await readDatasetJson(path), fileEnding: ending });
  return await Predictor.open(volumeTrainer.folder, { threads: 1, mirroring: false });
}

for (
  const { ending, reader } of [
    { ending: ".nii", reader: "NibabelIO" },
    { ending: ".nrrd", reader: "SimpleITKIO" },
    { ending: ".mha", reader: "SimpleITKIO" },
    { ending: ".gipl", reader: "SimpleITKIO" },
    { ending: ".gipl.gz", reader: "SimpleITKIO" },
    { ending: ".tif", reader: "Tiff3DIO" },
    { ending: ".tiff", reader: "Tiff3DIO" },
  ]
) {
  Deno.test(`${ending} volumes become a data set, plans and label maps`, () =>
    withTemporaryFolder(async (root) => {
      const { images, labels } = await writeTinyScans(root, { cases: 2, ending });
      const source = { root, id: 1, name: "Tiny", images, labels };
      const dataset = await Dataset.create({
        ...source,
        channels: ["MRI"],
        classes: ["shell", "ball"],
      });
      assert.equal(dataset.json.fileEnding, ending);
      assert.deepEqual(await verifyDatasetIntegrity(dataset), { errors: [], warnings: [] });
      const plans = await planner.plan(dataset);
      assert.equal(plans.plansData.imageReaderWriter, reader);
      assert.deepEqual(plans.fingerprint.spacings[0], [1, 1, 1]);
      assert.ok(plans.plansData.configurations["3d_fullres"]);

      using predictor = await openFor(ending);
      const output = join(root, "labels");
      const written = await predictor.predictFolder({
        input: join(dataset.folder, "imagesTr"),
        output,
      });
      assert.deepEqual(written, ["c0", "c1"].map((name) => join(output, name + ending)));
      const { geometry } = await readSegmentation(written[1]);
      assert.deepEqual(geometry, (await readImage(dataset.cases[1].images)).geometry);
      assert.deepEqual(geometry.shape, tinyShape);
      const summary = await evaluateFolder({
        groundTruth: join(plans.folder, "gt_segmentations"),
        predictions: output,
        fileEnding: ending,
        labels: [1, 2],
      });
      assert.equal(summary.cases.length, 2);
    }));
}

for (
  const { ending, converted } of [
    { ending: ".mhd", converted: ".mha" },
    { ending: ".nhdr", converted: ".nrrd" },
    { ending: ".hdr", converted: ".nii.gz" },
    { ending: ".ome.tif", converted: ".nii.gz" },
  ]
) {
  Deno.test(`${ending} volumes become a data set of ${converted}, and are predicted`, () =>
    withTemporaryFolder(async (root) => {
      const { images, labels } = await writeTinyScans(root, { cases: 2, ending });
      const dataset = await Dataset.create({
        ...{ root, id: 1, name: "Tiny", images, labels },
        channels: ["MRI"],
        classes: ["shell", "ball"],
      });
      assert.equal(dataset.json.fileEnding, converted);
      assert.deepEqual(namesIn(join(dataset.folder, "imagesTr")), [
        `c0_0000${converted}`,
        `c1_0000${converted}`,
      ]);
      assert.deepEqual(await verifyDatasetIntegrity(dataset), { errors: [], warnings: [] });
      const [scan] = dataset.cases[0].images;
      assert.deepEqual(
        (await readImage([scan])).data,
        (await readImage([join(images, `c0${ending}`)])).data,
      );

      using predictor = await openFor(converted);
      const ignored: string[] = [];
      const written = await predictor.predictFolder({
        input: images,
        output: join(root, "labels_predicted"),
        onIgnored: (files) => ignored.push(...files.map(({ path }) => path)),
      });
      assert.deepEqual(ignored, []);
      assert.deepEqual(
        written,
        ["c0", "c1"].map((name) => join(root, "labels_predicted", name + converted)),
      );
    }));

  // nnU-Net's reader for TIFF would not take the spacing of OME-XML.
  if (ending === ".ome.tif") continue;

  Deno.test(`a data set whose files end in ${ending} is planned and copied as it is`, () =>
    withTemporaryFolder(async (root) => {
      const { images, labels } = await writeTinyScans(root, { cases: 1, ending: converted });
      const dataset = await Dataset.create({
        ...{ root, id: 1, name: "Tiny", images, labels },
        channels: ["MRI"],
        classes: ["shell", "ball"],
      });
      for (const [folder, name] of [["imagesTr", "c0_0000"], ["labelsTr", "c0"]]) {
        const from = join(dataset.folder, folder, name + converted);
        const to = join(dataset.folder, folder, name + ending);
        if (folder === "labelsTr") await writeSegmentation(to, await readSegmentation(from));
        else await writeImage(to, await readImage([from]));
        await Deno.remove(from);
      }
      const path = join(dataset.folder, "dataset.json");
      await writeDatasetJson(path, { ...await readDatasetJson(path), fileEnding: ending });
      const plans = await planner.plan(await Dataset.open({ root, id: 1 }));
      const truth = join(plans.folder, "gt_segmentations", `c0${ending}`);
      const stored = await readSegmentation(join(dataset.folder, "labelsTr", `c0${ending}`));
      assert.deepEqual((await readSegmentation(truth)).data, stored.data);
    }));
}

Deno.test(".mha files whose voxels are in others become whole files in a data set", () =>
  withTemporaryFolder(async (root) => {
    const { images, labels } = await writeTinyScans(root, { cases: 1, ending: ".mhd" });
    for (const folder of [images, labels]) {
      await Deno.rename(join(folder, "c0.mhd"), join(folder, "c0.mha"));
    }
    const dataset = await Dataset.create({
      ...{ root, id: 1, name: "Tiny", images, labels },
      channels: ["MRI"],
      classes: ["shell", "ball"],
    });
    assert.deepEqual(namesIn(join(dataset.folder, "imagesTr")), ["c0_0000.mha"]);
    assert.deepEqual(namesIn(join(dataset.folder, "labelsTr")), ["c0.mha"]);
    assert.deepEqual(await verifyDatasetIntegrity(dataset), { errors: [], warnings: [] });
  }));

Deno.test(".tif volumes keep their spacing files through data set, plans and label maps", () =>
  withTemporaryFolder(async (root) => {
    const { images, labels } = await writeTinyScans(root, { cases: 1, ending: ".tif" });
    for (const folder of [images, labels]) {
      await Deno.writeTextFile(join(folder, "c0.json"), '{"spacing": [3, 2, 1.5]}');
    }
    const dataset = await Dataset.create({
      ...{ root, id: 1, name: "Tiny", images, labels },
      channels: ["MRI"],
      classes: ["shell", "ball"],
    });
    assert.deepEqual(namesIn(join(dataset.folder, "imagesTr")), ["c0.json", "c0_0000.tif"]);
    const plans = await planner.plan(dataset);
    assert.deepEqual(plans.fingerprint.spacings, [[3, 2, 1.5]]);
    const truth = join(plans.folder, "gt_segmentations", "c0.tif");
    assert.deepEqual((await readSegmentation(truth)).geometry.spacing, [3, 2, 1.5]);
    using predictor = await openFor(".tif");
    const [written] = await predictor.predictFolder({
      input: join(dataset.folder, "imagesTr"),
      output: join(root, "labels"),
    });
    assert.deepEqual((await readSegmentation(written)).geometry.spacing, [3, 2, 1.5]);
  }));

Deno.test("colour pictures become a data set, plans for 2D only, a model and label maps", () =>
  withTemporaryFolder(async (root) => {
    for (const seed of [0, 1, 2, 3, 4]) await writePicture(root, `p${seed}`, seed);
    const dataset = await Dataset.create({
      ...{ root, id: 2, name: "Pictures" },
      images: join(root, "images"),
      labels: join(root, "labels"),
      channels: ["R", "G", "B"],
      classes: ["square"],
    });
    // The colours stay in one file.
    assert.deepEqual(dataset.cases[0].images, [join(dataset.folder, "imagesTr", "p0_0000.png")]);
    assert.deepEqual(await verifyDatasetIntegrity(dataset), { errors: [], warnings: [] });
    const plans = await planner.plan(dataset);
    assert.equal(plans.plansData.imageReaderWriter, "NaturalImage2DIO");
    assert.deepEqual(Object.keys(plans.plansData.configurations), ["2d"]);
    assert.deepEqual(plans.fingerprint.spacings[0], [999, 1, 1]);
    await plans.preprocess(dataset, { configurations: ["2d"], workers: 1 });
    const trainer = await train(plans, "2d");
    using predictor = await Predictor.open(trainer.folder, { threads: 1, mirroring: false });
    const [first] = await predictor.predictFolder({
      input: join(dataset.folder, "imagesTr"),
      output: join(root, "predicted"),
    });
    assert.equal(first, join(root, "predicted", "p0.png"));
    assert.deepEqual((await readSegmentation(first)).geometry.shape, [1, 40, 48]);
  }));

Deno.test("folders of DICOM slices are converted to the label maps' format and predicted", () =>
  withTemporaryFolder(async (root) => {
    const slices = golden.cases.find(({ name }) => name === "DICOM upright")!;
    const scan = join(root, "images", "patient");
    await Deno.mkdir(scan, { recursive: true });
    for (const [i, { file }] of slices.files.entries()) {
      await Deno.writeFile(join(scan, `${i}.dcm`), Uint8Array.fromBase64(file));
    }
    const { geometry, data } = await readImage([scan]);
    await writeSegmentation(join(root, "labels", "patient.nrrd"), {
      geometry,
      data: Uint8Array.from(data, (_, i) => i % 3),
    });
    const dataset = await Dataset.create({
      ...{ root, id: 3, name: "Slices" },
      images: join(root, "images"),
      labels: join(root, "labels"),
      channels: ["CT"],
      classes: ["shell", "ball"],
    });
    const [{ images }] = dataset.cases;
    assert.deepEqual(images, [join(dataset.folder, "imagesTr", "patient_0000.nrrd")]);
    assert.deepEqual((await readImage(images)).data, data);
    assert.deepEqual(await verifyDatasetIntegrity(dataset), { errors: [], warnings: [] });

    using predictor = await openFor(".nrrd");
    const [written] = await predictor.predictFolder({
      input: join(root, "images"),
      output: join(root, "predicted"),
    });
    assert.equal(written, join(root, "predicted", "patient.nrrd"));
    const predicted = await readSegmentation(written);
    assert.deepEqual(predicted.geometry, geometry);

    // DICOM segmentations of the predictions are the same labels, also as ground truth.
    await predictor.predictFolder({
      input: join(root, "images"),
      output: join(root, "segmented"),
      saveDicomSegmentations: true,
    });
    const names = ["shell", "ball"];
    const segmented = await Dataset.create({
      ...{ root, id: 4, name: "Segmented" },
      images: join(root, "images"),
      labels: await onlySegmentations(join(root, "segmented"), join(root, "ground_truth")),
      channels: ["CT"],
      classes: names,
    });
    const { data: again } = await readSegmentation(segmented.cases[0].label);
    assert.deepEqual(again, predicted.data);
    await predictor.predictFile([scan], join(root, "one.nrrd"), {
      dicomSegmentation: join(root, "one.seg.dcm"),
    });
    assert.ok((await Deno.stat(join(root, "one.seg.dcm"))).size > 1000);
    await assert.rejects(
      predictor.predictFile([join(root, "one.nrrd")], join(root, "two.nrrd"), {
        dicomSegmentation: join(root, "two.seg.dcm"),
      }),
      /Cannot write a DICOM segmentation of .*one\.nrrd: .* expected a folder of DICOM slices/,
    );
  }));

/** Copies the DICOM segmentations of a folder of predictions. */
async function onlySegmentations(from: string, to: string): Promise<string> {
  await Deno.mkdir(to);
  for (const name of await namesIn(from)) {
    if (name.endsWith(".seg.dcm")) await Deno.copyFile(join(from, name), join(to, name));
  }
  return to;
}

Deno.test("folders of DICOM slices are rejected if the label maps are pictures", () =>
  withTemporaryFolder(async (root) => {
    await writePicture(root, "patient", 1);
    await Deno.remove(join(root, "images", "patient.png"));
    const scan = join(root, "images", "patient");
    await Deno.mkdir(scan);
    const [{ file }] = golden.cases.find(({ name }) => name === "DICOM upright")!.files;
    await Deno.writeFile(join(scan, "0.dcm"), Uint8Array.fromBase64(file));
    const creation = Dataset.create({
      ...{ root, id: 3, name: "Slices" },
      images: join(root, "images"),
      labels: join(root, "labels"),
      channels: ["CT"],
    });
    await assert.rejects(creation, /found the DICOM slices .* and label maps ending in \.png/);
  }));

/** Writes a picture of 40 × 48 pixels, a red square on grey, and its label map. */
async function writePicture(root: string, name: string, seed: number) {
  const [height, width] = [40, 48];
  const picture = new PNG({ width, height });
  const labels = new Uint8Array(height * width);
  for (let i = 0; i < labels.length; i++) {
    const [y, x] = [Math.floor(i / width), i % width];
    labels[i] = x >= 10 + seed && x < 25 + seed && y >= 10 && y < 25 ? 1 : 0;
    picture.data.set([labels[i] ? 200 + seed : 90 + i % 7, 90 + i % 5, 90 + i % 3, 255], 4 * i);
  }
  for (const folder of ["images", "labels"]) {
    await Deno.mkdir(join(root, folder), { recursive: true });
  }
  const file = new Uint8Array(PNG.sync.write(picture, { colorType: 2 }));
  await Deno.writeFile(join(root, "images", `${name}.png`), file);
  const path = join(root, "labels", `${name}.png`);
  await writeSegmentation(path, { geometry: pictureGeometry(width, height, path), data: labels });
}
