/** Provides the notebooks' scans: generated phantoms, or the reader's folders. */

import { basename, join } from "@std/path";
import { copyAndRename, Dataset, imageEndingOf, makeFolder } from "nnunet";
import { fileURLToPath } from "node:url";
import { generateDataset } from "../data/generate.ts";
import { phantomClasses, shortLearning, testFilesIn } from "./common.ts";
import { level, settings } from "./settings.ts";

const runs = fileURLToPath(new URL(`../data/runs/notebooks_${level}/`, import.meta.url));

/** Folders of scans and label maps, and their meaning. */
export interface Source {
  /** Name of the data set: letters, digits, `_`, `-` and `.`. */
  readonly name: string;
  /** Folder of the scans. */
  readonly images: string;
  /** Folder of label maps with the same names. */
  readonly labels: string;
  /** Names of the channels; `CT` selects normalisation for computed tomography. */
  readonly channels: readonly string[];
  /** Names of the labels 1, 2, …; by default, labels are found in the files and numbered. */
  readonly classes?: readonly string[];
  /** Axes to mirror in training and prediction, (z, y, x) from 0; all by default. */
  readonly mirrorAxes?: readonly number[];
}

/** Generates brain-like phantoms from a seed; existing ones are kept. */
export async function phantoms(): Promise<Source> {
  const folder = join(runs, "phantoms");
  await generateDataset({ folder, cases: settings.cases });
  return {
    name: "Phantoms",
    images: join(folder, "input"),
    labels: join(folder, "ground_truth"),
    channels: ["MRI"],
    classes: phantomClasses,
    mirrorAxes: [2], // A head mirrored from top to bottom is unrealistic.
  };
}

/** A data set made from a source, and the ground truth of its test cases. */
export interface Prepared {
  readonly dataset: Dataset;
  /** Folder of the test cases' label maps, which are not part of the data set. */
  readonly testLabels: string;
  /** Folder of everything that the notebooks derive from the source. */
  readonly root: string;
}

/** Creates a data set as notebook 1 does step by step, with every fifth case for testing. */
export async function datasetOf(source: Source): Promise<Prepared> {
  const { name, images, labels, channels, classes } = source;
  const root = join(runs, name);
  const testLabels = join(root, "test_labels");
  const testFiles = await testFilesIn(labels);
  const dataset = await Dataset.create({
    root,
    id: 101,
    name,
    images,
    labels,
    channels,
    classes,
    test: testFiles.map((file) => file.slice(0, -imageEndingOf(file)!.length)),
    overwrite: true,
  });
  await makeFolder(testLabels, { overwrite: true });
  for (const file of testFiles) {
    await copyAndRename(join(labels, file), join(testLabels, basename(file)));
  }
  return { dataset, testLabels, root };
}

/** Options for a training that takes minutes. */
export const shortTraining = {
  ...shortLearning,
  epochs: settings.epochs,
  iterations: settings.iterations,
  validationIterations: settings.validationIterations,
};

/** Planning options for a network that two cores train in minutes. */
export const smallPlan = {
  gpuMemoryTarget: settings.gpuMemoryTarget,
  baseFeatures: settings.baseFeatures,
};
