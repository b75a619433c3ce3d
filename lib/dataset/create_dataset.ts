/** Makes a data set in nnU-Net's raw layout out of two folders of images. */

import { join } from "../platform/paths.ts";
import { writeFolderAtomically } from "../platform/atomic_folder.ts";
import { type DatasetJson, writeDatasetJson } from "../files/dataset_json.ts";
import { datasetFolderName, fileNames } from "../files/paths.ts";
import { type ProgressOptions, progressOptions } from "./find_labels.ts";
import { gatherSources, type SourceFolders, sourceFolders } from "./gather_sources.ts";
import { type ClassNames, nameLabels } from "./label_names.ts";
import { listDatasets } from "./list_datasets.ts";
import { placeImages, placeLabels } from "./place_case.ts";
import { createFolder } from "../platform/files.ts";
import type { KnownOptions } from "../options/require_known.ts";

/** What a new data set is made of. */
export interface DatasetSource extends SourceFolders, ProgressOptions {
  /** 1 to 999. */
  readonly id: number;
  /** Letters, digits, `_`, `-` and `.`. */
  readonly name: string;
  /** Names of the labels; without it they are found in the files and numbered. */
  readonly classes?: ClassNames;
  /** With regions among the classes: the integer painted for each, in their order. */
  readonly regionsClassOrder?: readonly number[];
  /** Replace the data set of the same id and name. */
  readonly overwrite?: boolean;
}

/** Names of what {@link DatasetSource} has. */
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
 * Checks every file, then copies them all into a new data set.
 *
 * The data set appears whole or not at all. Files are copied as they are, except that an image of
 * several channels is split and labels that need other integers are written anew. Cases kept out
 * of training go to `imagesTs` without their label maps.
 *
 * @param rawFolder The folder `nnUNet_raw`.
 * @throws {RangeError} If the id, name, channels or classes cannot be used.
 * @throws {Error} If the id is taken, or listing everything that is wrong with the files.
 */
export async function createDataset(rawFolder: string, source: DatasetSource): Promise<void> {
  const { id, name, channels, classes, regionsClassOrder, overwrite } = source;
  const { signal, onProgress } = source;
  const title = datasetFolderName(id, name);
  requireUsableNames(source);
  await requireFreeId(rawFolder, source);

  const { training, test, fileEnding, labels } = await gatherSources(title, source, {
    signal,
    onProgress: (done, total) => onProgress?.(done, 2 * total),
  });
  const { replacements, ...named } = nameLabels(labels, classes, regionsClassOrder);
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
      await placeImages(one, imagesTr, channels.length, fileEnding);
      await placeLabels(one, labelsTr, fileEnding, replacements);
      advance();
    }
    for (const one of test) {
      await placeImages(one, imagesTs, channels.length, fileEnding);
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
    throw new RangeError("Cannot create data set: found no channels, expected one name for each");
  }
}

async function requireFreeId(rawFolder: string, { id, name, overwrite }: DatasetSource) {
  for (const existing of await listDatasets(rawFolder)) {
    if (existing.id !== id || (overwrite && existing.name === name)) continue;
    throw new Error(
      `Cannot create data set ${id} "${name}": found ${existing.folder}, expected a free id` +
        (existing.name === name ? " or leave to overwrite it" : ""),
    );
  }
}
