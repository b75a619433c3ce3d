/** Plans, preprocesses, predicts, validates and ensembles scans that are stored with several axes. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import { Dataset } from "../lib/dataset/dataset.ts";
import { ensembleFolders } from "../lib/ensembling/ensemble_folders.ts";
import { evaluateFolder } from "../lib/evaluation/evaluate_folder.ts";
import { writeDatasetJson } from "../lib/files/dataset_file.ts";
import { directionOf } from "../lib/image/geometry.ts";
import { imageFrom, segmentationFrom } from "../lib/image/image_from.ts";
import type { Image, Segmentation } from "../lib/image/image.ts";
import {
  readImage,
  readSegmentation,
  writeImage,
  writeSegmentation,
} from "../lib/image/image_files.ts";
import type { ReaderName } from "../lib/image/reader.ts";
import { Planner } from "../lib/planner.ts";
import type { Plans } from "../lib/plans.ts";
import { Predictor } from "../lib/predictor.ts";
import { readCase } from "../lib/preprocessing/storage.ts";
import { tinyScan } from "./tiny_scans.ts";
import { writeUntrainedModel } from "./untrained_model.ts";

/** Voxel axes of the stored files, as columns in RAS; the scans themselves are the same. */
const storages = {
  ras: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  lps: [[-1, 0, 0], [0, -1, 0], [0, 0, 1]],
  psr: [[0, -1, 0], [0, 0, 1], [1, 0, 0]],
  ail: [[0, 1, 0], [0, 0, -1], [-1, 0, 0]],
};

/** The same volume with other voxel axes, given as columns. */
function stored<T extends Image | Segmentation>(volume: T, columns: readonly number[][]): T {
  const { shape: [nz, ny, nx], spacing: [sz, sy, sx] } = volume.geometry;
  const [extents, spacings] = [[nx, ny, nz], [sx, sy, sz]];
  const worldOf = columns.map((column) => column.findIndex((value) => value !== 0));
  const size = worldOf.map((world) => extents[world]);
  const data = volume.data.slice();
  for (let k = 0; k < size[2]; k++) {
    for (let j = 0; j < size[1]; j++) {
      for (let i = 0; i < size[0]; i++) {
        const position = [0, 0, 0];
        [i, j, k].forEach((index, axis) => {
          const world = worldOf[axis];
          position[world] = columns[axis][world] > 0 ? index : size[axis] - 1 - index;
        });
        data[(k * size[1] + j) * size[0] + i] =
          volume.data[(position[2] * ny + position[1]) * nx + position[0]];
      }
    }
  }
  const affine = new Array<number>(16).fill(0);
  affine[15] = 1;
  columns.forEach((column, axis) => {
    const world = worldOf[axis];
    affine[4 * world + axis] = column[world] * spacings[world];
    affine[4 * world + 3] = column[world] > 0 ? 0 : (size[axis] - 1) * spacings[world];
  });
  const grid = { shape: [size[2], size[1], size[0]], affine };
  return ("channels" in volume ? imageFrom(data, grid) : segmentationFrom(data, grid)) as T;
}

/** The tiny scan in RAS with different spacings, so that a mistaken axis is noticed. */
function scanOf(seed: number) {
  const { image, segmentation } = tinyScan(seed);
  const grid = {
    shape: image.geometry.shape,
    affine: [1, 0, 0, 0, 0, 1.25, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1],
  };
  return {
    image: imageFrom(image.data, grid),
    segmentation: segmentationFrom(segmentation.data, grid),
  };
}

for (const reader of ["NibabelIOWithReorient", "SimpleITKIOWithReorient"] as const) {
  Deno.test(`${reader}: labels do not depend on how a scan is stored`, () =>
    withModel(reader, check));
}

async function check({ root, plans, dataset, model, reader }: Setup) {
  assert.equal(plans.plansData.imageReaderWriter, reader);
  assert.deepEqual(plans.fingerprint!.spacings, dataset.cases.map(() => [2, 1.25, 1]));
  const cases = join(plans.folder, plans.configuration("3d_fullres").dataIdentifier);
  const [first] = [await readCase(cases, "ras")];
  for (const { name } of dataset.cases) {
    const { data, segmentation, properties } = await readCase(cases, name);
    assert.deepEqual(data.data, first.data.data, name);
    assert.deepEqual(segmentation!.data, first.segmentation!.data, name);
    assert.deepEqual(properties.geometry.shape, first.properties.geometry.shape);
  }

  const [input, output] = [join(root, "scans"), join(root, "output")];
  const { image } = scanOf(7);
  for (const [name, columns] of Object.entries(storages)) {
    await writeImage(join(input, `${name}_0000.nii.gz`), stored(image, columns));
  }
  using predictor = await Predictor.open(model, { threads: 1, mirroring: false });
  await predictor.predictFolder({ input, output, saveProbabilities: true });
  const expected = await readSegmentation(join(output, "ras.nii.gz"), { reader });
  assert.ok(new Set(expected.data).size > 1, "the untrained model predicts foreground");
  const merged = join(root, "merged");
  await ensembleFolders({ members: [output, output], output: merged });
  for (const [name, columns] of Object.entries(storages)) {
    const scan = await readImage([join(input, `${name}_0000.nii.gz`)]);
    for (const folder of [output, merged]) {
      const path = join(folder, `${name}.nii.gz`);
      const labels = await readSegmentation(path);
      assert.deepEqual(labels.geometry.shape, scan.geometry.shape);
      for (const [i, value] of labels.geometry.affine.entries()) {
        assert.ok(
          Math.abs(value - scan.geometry.affine[i]) < 1e-4,
          `${name}: ${labels.geometry.affine}`,
        );
      }
      assert.deepEqual(
        labels.data,
        stored({ ...expected, geometry: image.geometry }, columns).data,
        path,
      );
    }
    // In memory, a scan keeps its grid as well.
    const labels = await predictor.predict(scan);
    assert.deepEqual(labels.geometry, scan.geometry);
    assert.deepEqual(directionOf(labels.geometry), directionOf(scan.geometry));
    assert.deepEqual(labels.data, (await readSegmentation(join(output, `${name}.nii.gz`))).data);
  }

  // Scores compare voxels at the same place, whatever the storage.
  const truth = join(root, "truth");
  for (const name of Object.keys(storages)) {
    await writeSegmentation(
      join(truth, `${name}.nii.gz`),
      stored({ ...expected, geometry: image.geometry }, storages.psr),
    );
  }
  const { foregroundMean } = await evaluateFolder({
    groundTruth: truth,
    predictions: output,
    labels: [1, 2],
    fileEnding: ".nii.gz",
    reader,
    workers: 1,
  });
  assert.equal(foregroundMean.dice, 1);
}

interface Setup {
  readonly root: string;
  readonly reader: ReaderName;
  readonly plans: Plans;
  readonly dataset: Dataset;
  readonly model: string;
}

/** Makes a data set of one scan in several storages, its plans, and a model with random weights. */
async function withModel(reader: ReaderName, run: (setup: Setup) => Promise<void>) {
  const root = await Deno.makeTempDir();
  try {
    const folder = join(root, "nnUNet_raw", "Dataset001_Turned");
    const { image, segmentation } = scanOf(0);
    const columns = Object.entries(storages);
    for (const [i, [name, axes]] of columns.entries()) {
      await writeImage(join(folder, "imagesTr", `${name}_0000.nii.gz`), stored(image, axes));
      // The label map is stored with other axes than its scan.
      const other = columns[(i + 1) % columns.length][1];
      await writeSegmentation(
        join(folder, "labelsTr", `${name}.nii.gz`),
        stored(segmentation, other),
      );
    }
    await writeDatasetJson(join(folder, "dataset.json"), {
      channelNames: ["MRI"],
      labels: { background: 0, shell: 1, ball: 2 },
      numTraining: columns.length,
      fileEnding: ".nii.gz",
      overwriteImageReaderWriter: reader,
    });
    const dataset = await Dataset.open({ root, id: 1 });
    const plans = await new Planner({ gpuMemoryTarget: 0.05, baseFeatures: 4 }).plan(dataset);
    await plans.preprocess(dataset, { configurations: ["3d_fullres"], workers: 1 });
    const model = await writeUntrainedModel(join(root, "nnUNet_results"), {
      plansData: plans.plansData,
      datasetJson: dataset.json,
      configuration: "3d_fullres",
    });
    await run({ root, reader, plans, dataset, model });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("Planner.plan() reports a reader that does not exist and lets the file ending decide", async () => {
  const root = await Deno.makeTempDir();
  try {
    const folder = join(root, "nnUNet_raw", "Dataset001_Turned");
    const { image, segmentation } = scanOf(0);
    await writeImage(join(folder, "imagesTr", "a_0000.nii.gz"), image);
    await writeSegmentation(join(folder, "labelsTr", "a.nii.gz"), segmentation);
    await writeDatasetJson(join(folder, "dataset.json"), {
      channelNames: ["MRI"],
      labels: { background: 0, shell: 1, ball: 2 },
      numTraining: 1,
      fileEnding: ".nii.gz",
      overwriteImageReaderWriter: "MyReader",
    });
    const warnings: string[] = [];
    const plans = await new Planner({ gpuMemoryTarget: 0.05, baseFeatures: 4 }).plan(
      await Dataset.open({ root, id: 1 }),
      { onWarning: (message) => warnings.push(message) },
    );
    assert.equal(plans.plansData.imageReaderWriter, "SimpleITKIO");
    assert.equal(warnings.length, 1);
    assert.match(warnings[0], /asks for the image reader "MyReader", which does not exist/);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
