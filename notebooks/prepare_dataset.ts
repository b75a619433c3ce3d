/** Makes a data set of a folder of scans and one of label maps. */

import { basename, join } from "@std/path";
import { copyAndRename, Dataset, imageEndingOf, makeFolder } from "nnunet";
import { testFilesIn } from "./common.ts";
import { withBar } from "./with_bar.ts";

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

/** A data set made from a source, and the ground truth of its test cases. */
export interface Prepared {
  readonly dataset: Dataset;
  /** Folder of the test cases' label maps, which are not part of the data set. */
  readonly testLabels: string;
  /** Folder of everything that the notebooks derive from the source. */
  readonly root: string;
}

/**
 * Creates a data set as notebook 1 does step by step, with every fifth case for testing.
 *
 * @param runs Folder in which everything that is derived from the source gets a folder of its name.
 */
export async function prepareDataset(source: Source, runs: string): Promise<Prepared> {
  const { name, images, labels, channels, classes } = source;
  const root = join(runs, name);
  const testLabels = join(root, "test_labels");
  const testFiles = await testFilesIn(labels);
  const test = testFiles.map((file) => file.slice(0, -imageEndingOf(file)!.length));
  const dataset = await withBar(
    "checking and copying scans",
    (progress) =>
      Dataset.create({
        root,
        id: 101,
        name,
        images,
        labels,
        channels,
        classes,
        test,
        overwrite: true,
        ...progress,
      }),
  );
  await makeFolder(testLabels, { overwrite: true });
  for (const file of testFiles) {
    await copyAndRename(join(labels, file), join(testLabels, basename(file)));
  }
  return { dataset, testLabels, root };
}
