/** Creates a task in nnU-Net v1's raw layout from folders of images and label maps. */

import { join } from "../platform/paths.ts";
import { writeFolderAtomically } from "../platform/atomic_folder.ts";
import { AlreadyExistsError } from "../files/already_exists_error.ts";
import { type DatasetJsonV1, fileEndingV1 } from "../files/dataset_json_v1.ts";
import { writeDatasetJsonV1 } from "../files/dataset_file.ts";
import { fileNames, taskFolderName } from "../files/paths.ts";
import { type ProgressOptions, progressOptions } from "./find_labels.ts";
import { makeFolder } from "./folder_setup.ts";
import { gatherSources, type SourceFolders, sourceFolders } from "./gather_sources.ts";
import { placeImages, placeLabels } from "./place_case.ts";
import { isTaken } from "../platform/files.ts";
import { type KnownOptions, requireKnown } from "../options/require_known.ts";

/** Sources and options of a new task. */
export interface TaskSource
  extends
    SourceFolders,
    ProgressOptions,
    Pick<DatasetJsonV1, "description" | "reference" | "licence" | "release"> {
  /** Number of the task, 1 to 999; version 1 reserves those below 500 for public data sets. */
  readonly id: number;
  /** Name of the task: letters, digits, `_`, `-` and `.`. */
  readonly name: string;
  /** Names of the labels 0, 1, 2, …, the background's first. */
  readonly classes: readonly string[];
  /** Replace the task if it exists; false by default. */
  readonly overwrite?: boolean;
}

const taskSource: KnownOptions<TaskSource> = {
  ...sourceFolders,
  ...progressOptions,
  id: true,
  name: true,
  classes: true,
  description: true,
  reference: true,
  licence: true,
  release: true,
  overwrite: true,
};

/**
 * Checks all files, then copies them into `TaskXXX_NAME` and lists them in its `dataset.json`.
 *
 * Channel numbers such as `_0000` are added to the names of images without one; images with several
 * channels are split. The task is written completely or not at all.
 *
 * @param rawFolder Folder of version 1's tasks, `nnUNet_raw_data`.
 * @param source The files, the task's description, and how to observe and abort the work.
 * @returns The task's folder.
 * @throws {TypeError} If an option is unknown.
 * @throws {RangeError} If the id or name is invalid, files do not end in `.nii.gz`, or labels are
 * found that have no name.
 * @throws {Error} If the task exists, or the files have problems; the message lists them all.
 * @throws The signal's reason, if it is aborted; nothing is written then.
 *
 * @example A task with one case
 * ```ts
 * import assert from "node:assert/strict";
 * import { createTask, imageFrom, segmentationFrom, writeImage, writeSegmentation } from "nnunet";
 *
 * const folder = await Deno.makeTempDir();
 * const grid = { shape: [1, 2, 2], spacing: [3, 1, 1] };
 * await writeImage(`${folder}/input/a.nii.gz`, imageFrom(Float32Array.of(1, 2, 3, 4), grid));
 * await writeSegmentation(
 *   `${folder}/ground_truth/a.nii.gz`,
 *   segmentationFrom(Uint8Array.of(0, 0, 1, 1), grid),
 * );
 * const task = await createTask(`${folder}/nnUNet_raw_data`, {
 *   id: 500,
 *   name: "BrainSegmentation",
 *   images: `${folder}/input`,
 *   labels: `${folder}/ground_truth`,
 *   channels: ["MRI"],
 *   classes: ["non brain", "brain"],
 * });
 * assert((await Deno.stat(`${task}/imagesTr/a_0000.nii.gz`)).isFile);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function createTask(rawFolder: string, source: TaskSource): Promise<string> {
  requireKnown(source, taskSource, "create a task");
  const { id, name, channels, classes, overwrite, signal, onProgress } = source;
  const title = taskFolderName(id, name);
  const folder = join(rawFolder, title);
  if (!Number.isInteger(id) || id < 1 || id > 999 || !/^[\w.-]+$/.test(name)) {
    throw new RangeError(
      `Cannot create ${title}: expected an id from 1 to 999 ` +
        'and a name of letters, digits, "_", "-" and "."',
    );
  }
  if (!overwrite && await isTaken(folder)) {
    throw new AlreadyExistsError(
      folder,
      `Cannot create ${folder}: it exists already`,
      "overwrite",
    );
  }
  const { series } = source;
  const { training, test, fileEnding, labels, readStructures } = await gatherSources(
    title,
    source,
    classes.slice(1), // The first is the background.
    { signal, onProgress: (done, total) => onProgress?.(done, 2 * total) },
  );
  if (fileEnding !== fileEndingV1) {
    throw new RangeError(
      `Cannot create ${title}: files end in ${fileEnding}, expected ${fileEndingV1}`,
    );
  }
  const unnamed = labels.filter((label) => label >= classes.length);
  if (unnamed.length > 0) {
    throw new RangeError(
      `Cannot create ${title}: found the labels ${unnamed.join(", ")}, ` +
        `expected at most ${classes.length - 1}, the last of the classes`,
    );
  }

  const total = 2 * (training.length + test.length);
  let done = total / 2;
  const advance = () => {
    onProgress?.(++done, total);
    signal?.throwIfAborted();
  };
  await writeFolderAtomically(folder, async (partial) => {
    signal?.throwIfAborted();
    const subfolder = (child: string) => join(partial, child);
    const { imagesTr, labelsTr, imagesTs } = fileNames;
    for (const child of [imagesTr, labelsTr, imagesTs]) await makeFolder(subfolder(child));
    await writeDatasetJsonV1(join(partial, fileNames.dataset), {
      ...source,
      modality: channels,
      labels: classes,
      trainingCases: training.map((one) => one.name),
      testCases: test.map((one) => one.name),
    });
    for (const one of training) {
      await placeImages(one, subfolder(imagesTr), channels.length, fileEnding, series);
      await placeLabels(one, subfolder(labelsTr), fileEnding, readStructures);
      advance();
    }
    for (const one of test) {
      await placeImages(one, subfolder(imagesTs), channels.length, fileEnding, series);
      advance();
    }
  }, { overwrite });
  return folder;
}
