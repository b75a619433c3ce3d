/** Where the notebooks get their scans: phantoms made here, or folders of the reader's own. */

import { basename, join } from "@std/path";
import { copyAndRename, Dataset, imageEndingOf, makeFolder } from "nnunet";
import { fileURLToPath } from "node:url";
import { generateDataset } from "../data/generate.ts";
import { phantomClasses, shortLearning, testFilesIn } from "./common.ts";
import { level, settings } from "./settings.ts";

const runs = fileURLToPath(new URL(`../data/runs/notebooks_${level}/`, import.meta.url));

/** Two folders of scans and what is in them. */
export interface Source {
  /** Letters, digits, `_`, `-` and `.`. */
  readonly name: string;
  /** Folder of the scans. */
  readonly images: string;
  /** Folder of label maps of the same names. */
  readonly labels: string;
  /** Names of the channels; `CT` is normalised as CT. */
  readonly channels: readonly string[];
  /** Names of the labels 1, 2, …; found in the files and numbered if left out. */
  readonly classes?: readonly string[];
  /** Axes to mirror in training and prediction; all unless given. */
  readonly mirrorAxes?: readonly number[];
}

/** Brain-like phantoms, made from a seed; those that are there already are kept. */
export async function phantoms(): Promise<Source> {
  const folder = join(runs, "phantoms");
  await generateDataset({ folder, cases: settings.cases });
  return {
    name: "Phantoms",
    images: join(folder, "input"),
    labels: join(folder, "ground_truth"),
    channels: ["MRI"],
    classes: phantomClasses,
    mirrorAxes: [2], // A head mirrored top to bottom is none.
  };
}

/** A source as a data set, and the truth of its test cases. */
export interface Prepared {
  readonly dataset: Dataset;
  /** Label maps of the test cases, which the data set itself does not have. */
  readonly testLabels: string;
  /** Folder with all that the notebooks make of the source. */
  readonly root: string;
}

/** What notebook 1 does step by step: a data set with every fifth case kept for testing. */
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

/** A training of minutes. */
export const shortTraining = {
  ...shortLearning,
  epochs: settings.epochs,
  iterations: settings.iterations,
  validationIterations: settings.validationIterations,
};

/** A plan for a network that two cores train in minutes. */
export const smallPlan = {
  gpuMemoryTarget: settings.gpuMemoryTarget,
  baseFeatures: settings.baseFeatures,
};
