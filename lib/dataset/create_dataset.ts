/** Creates a data set in nnU-Net's raw layout from folders of images and label maps. */

import { join } from "../platform/paths.ts";
import { writeFolderAtomically } from "../platform/atomic_folder.ts";
import { AlreadyExistsError } from "../files/already_exists_error.ts";
import type { DatasetJson } from "../files/dataset.ts";
import { writeDatasetJson } from "../files/dataset_file.ts";
import { datasetFolderName, fileNames } from "../files/paths.ts";
import { declaredLabels } from "../files/dataset_labels.ts";
import { unusedLabels } from "./integrity.ts";
import { type ProgressOptions, progressOptions } from "./find_labels.ts";
import { gatherSources, type SourceFolders, sourceFolders } from "./gather_sources.ts";
import { type ClassNames, nameLabels } from "./label_names.ts";
import { listDatasets } from "./list_datasets.ts";
import { placeImages, placeLabels } from "./place_case.ts";
import { createFolder } from "../platform/files.ts";
import type { KnownOptions } from "../options/require_known.ts";

/** Sources and options of a new data set. */
export interface DatasetSource extends SourceFolders, ProgressOptions {
  /** Number of the data set, 1 to 999. */
  readonly id: number;
  /** Name of the data set: letters, digits, `_`, `-` and `.`. */
  readonly name: string;
  /** Names of the labels; by default, they are found in the files and numbered. */
  readonly classes?: ClassNames;
  /** For regions: the integer written for each, in the order of the classes. */
  readonly regionsClassOrder?: readonly number[];
  /** Whether to replace a data set of the same id and name; false by default. */
  readonly overwrite?: boolean;
}

/** Option names of {@link DatasetSource}. */
export const datasetSource: KnownOptions<DatasetSource> = {
  ...sourceFolders,
  ...progressOptions,
  id: true,
  name: true,
  classes: true,
  regionsClassOrder: true,
  overwrite: true,
};

/**
 * Checks all files, then copies them into a new data set.
 *
 * The data set is written completely or not at all. Files are copied unchanged, except that images
 * with several channels are split, DICOM slices and structures are converted, and label maps are
 * rewritten if their integers change. Test cases
 * go to `imagesTs` without their label maps.
 *
 * @param rawFolder The folder `nnUNet_raw`.
 * @throws {RangeError} If the id, name, channels or classes are invalid.
 * @throws {Error} If the id is in use, or the files have problems; the message lists them all.
 */
export async function createDataset(rawFolder: string, source: DatasetSource): Promise<void> {
  const { id, name, channels, classes, regionsClassOrder, overwrite } = source;
  const { signal, onProgress } = source;
  const title = datasetFolderName(id, name);
  requireUsableNames(source);
  await requireFreeId(rawFolder, source);

  const { series } = source;
  const { training, test, fileEnding, labels, ...gathered } = await gatherSources(
    title,
    source,
    classes,
    { signal, onProgress: (done, total) => onProgress?.(done, 2 * total) },
  );
  const { replacements, ...named } = nameLabels(
    labels,
    gathered.classes ?? classes,
    regionsClassOrder,
    gathered.casesByLabel,
  );
  const written = new Set(labels.map((label) => replacements?.get(label) ?? label));
  for (const { message } of unusedLabels(declaredLabels(named.labels), written)) {
    source.onWarning?.(message);
  }
  const json: DatasetJson = {
    name,
    channelNames: channels,
    ...named,
    numTraining: training.length,
    fileEnding,
  };
  const total = 2 * (training.length + test.length);
  let done = total / 2;
  const advance = () => {
    onProgress?.(++done, total);
    signal?.throwIfAborted();
  };
  await writeFolderAtomically(join(rawFolder, title), async (folder) => {
    signal?.throwIfAborted();
    await writeDatasetJson(join(folder, fileNames.dataset), json);
    const [imagesTr, labelsTr, imagesTs] = [
      join(folder, fileNames.imagesTr),
      join(folder, fileNames.labelsTr),
      join(folder, fileNames.imagesTs),
    ];
    for (const subfolder of [imagesTr, labelsTr]) await createFolder(subfolder);
    if (test.length > 0) await createFolder(imagesTs);
    for (const one of training) {
      await placeImages(one, imagesTr, channels.length, fileEnding, series);
      await placeLabels(one, labelsTr, fileEnding, gathered.readStructures, replacements);
      advance();
    }
    for (const one of test) {
      await placeImages(one, imagesTs, channels.length, fileEnding, series);
      advance();
    }
  }, { overwrite });
}

function requireUsableNames({ id, name, channels }: DatasetSource) {
  if (!Number.isInteger(id) || id < 1 || id > 999) {
    throw new RangeError(`Cannot create data set: id is ${id}, expected an integer from 1 to 999`);
  }
  if (!/^[\w.-]+$/.test(name)) {
    throw new RangeError(
      `Cannot create data set: name is "${name}", expected letters, digits, "_", "-" and "."`,
    );
  }
  if (channels.length === 0) {
    throw new RangeError(
      "Cannot create data set: found no channels, expected one name per channel",
    );
  }
}

async function requireFreeId(rawFolder: string, { id, name, overwrite }: DatasetSource) {
  for (const existing of await listDatasets(rawFolder)) {
    if (existing.id !== id || (overwrite && existing.name === name)) continue;
    throw new AlreadyExistsError(
      existing.folder,
      `Cannot create data set ${id} "${name}": found ${existing.folder}, expected an unused id`,
      existing.name === name ? "overwrite" : undefined,
    );
  }
}
