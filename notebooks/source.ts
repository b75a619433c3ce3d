/** Opens the notebooks' scans, which `my_scans.ts` names, and makes a data set of them. */

import { basename, join, resolve } from "@std/path";
import { copyAndRename, Dataset, imageEndingOf, makeFolder } from "nnunet";
import { inNotebook, interruptible, LiveProgress } from "nnunet/notebook";
import { fileURLToPath } from "node:url";
import { generateDataset } from "../data/phantom_dataset.ts";
import { expandHome } from "../lib/cli/user_paths.ts";
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

/**
 * Opens the scans that `my_scans.ts` names at the time of the call.
 *
 * @param choice Other scans, or `phantoms`, which are generated unless they exist.
 * @returns The source, with absolute folders that exist.
 * @throws {Error} If a folder does not exist; the message names all that are missing.
 */
export async function openScans(choice?: "phantoms" | Source): Promise<Source> {
  choice ??= await readChoice();
  if (choice === "phantoms") return await phantoms();
  const source = {
    ...choice,
    images: resolve(expandHome(choice.images)),
    labels: resolve(expandHome(choice.labels)),
  };
  const missing = [];
  if (!await isFolder(source.images)) missing.push(`the scans' folder ${source.images}`);
  if (!await isFolder(source.labels)) missing.push(`the label maps' folder ${source.labels}`);
  if (missing.length === 0) return source;
  throw new Error(
    `Cannot open the scans of "${source.name}": did not find ${missing.join(" and ")}. ` +
      "Correct the paths in notebooks/my_scans.ts, save it, and run this cell again",
  );
}

/** Reads `my_scans.ts` again if it has changed, although a process imports a module only once. */
async function readChoice(): Promise<"phantoms" | Source> {
  const file = new URL("my_scans.ts", import.meta.url);
  const { mtime } = await Deno.stat(file);
  const module: typeof import("./my_scans.ts") = await import(`${file}?${mtime?.getTime()}`);
  return module.scans;
}

async function isFolder(path: string): Promise<boolean> {
  return (await Deno.stat(path).catch(() => undefined))?.isDirectory === true;
}

/** Generates brain-like phantoms from a seed; existing ones are kept. */
async function phantoms(): Promise<Source> {
  const folder = join(runs, "phantoms");
  await withBar(
    "generating phantoms",
    (progress) => generateDataset({ folder, cases: settings.cases, ...progress }),
  );
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

/** Options of work that a notebook shows. */
interface Progress {
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** In a notebook, shows work that is not done already as a bar, and lets the stop button end it. */
async function withBar<T>(title: string, work: (progress: Progress) => Promise<T>): Promise<T> {
  if (!inNotebook()) return await work({});
  const bar = new LiveProgress(title);
  let begun = false;
  const onProgress = (done: number, total: number) => {
    begun ||= done < total;
    if (begun) bar.count(done, total);
  };
  try {
    return await work({ signal: interruptible(), onProgress });
  } finally {
    await bar.flush();
  }
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
