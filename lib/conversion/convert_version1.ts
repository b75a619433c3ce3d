/** Converts tasks of nnU-Net v1 to version 2's raw layout. */

import { join, resolve } from "../platform/paths.ts";
import { writeFolderAtomically } from "../platform/atomic_folder.ts";
import { writeFileAtomically } from "../platform/atomic_write.ts";
import { upgradeDatasetJson } from "../files/dataset_json_v1.ts";
import { fileNames } from "../files/paths.ts";
import type { Folders } from "../files/folders.ts";
import { formatPythonJson, type PythonJson } from "../files/python_json.ts";
import { newDatasetFolder } from "./conversion_target.ts";
import {
  type ConversionOptions,
  conversionOptions,
  listScans,
  readTaskJson,
  requirePairs,
} from "./version1_source.ts";
import { copyFile, createFolder, listFolderIfPresent } from "../platform/files.ts";
import { requireKnown } from "../options/require_known.ts";

/** Folders that are copied if they exist; nnU-Net itself reads none of them. */
const optionalFolders = [
  fileNames.imagesTs,
  fileNames.labelsTs,
  fileNames.imagesVal,
  fileNames.labelsVal,
];

/** Keys of `dataset.json` that version 2 derives from the folders. */
const droppedKeys = ["tensorImageSize", "numTest"];

/**
 * Converts a task of nnU-Net v1 to a data set in `nnUNet_raw`. The data set is written completely or
 * not at all.
 *
 * @param sourceFolder The task's folder, with `imagesTr`, `labelsTr` and `dataset.json`.
 * @param datasetName Name of the new data set, `DatasetXXX_NAME`.
 * @param folders nnU-Net's three folders, of which `raw` receives the data set.
 * @param options How to observe and abort the work, which is counted in files.
 * @returns The new data set's folder.
 * @throws {TypeError} If an option is unknown.
 * @throws {RangeError} If the name is invalid.
 * @throws {Error} If the name's id is in use, the folder is incomplete, or images and label maps do
 * not match.
 * @throws The signal's reason, if it is aborted.
 *
 * @example Converting a task of nnU-Net v1
 * ```ts
 * import assert from "node:assert/strict";
 * import {
 *   convertVersion1,
 *   createTask,
 *   foldersIn,
 *   imageFrom,
 *   segmentationFrom,
 *   writeImage,
 *   writeSegmentation,
 * } from "nnunet";
 *
 * const root = await Deno.makeTempDir();
 * const grid = { shape: [1, 2, 2], spacing: [3, 1, 1] };
 * const labels = segmentationFrom(Uint8Array.of(0, 0, 1, 1), grid);
 * await writeImage(`${root}/input/a.nii.gz`, imageFrom(Float32Array.of(1, 2, 3, 4), grid));
 * await writeSegmentation(`${root}/labels/a.nii.gz`, labels);
 * const task = await createTask(`${root}/nnUNet_raw_data`, {
 *   id: 4,
 *   name: "Hippocampus",
 *   images: `${root}/input`,
 *   labels: `${root}/labels`,
 *   channels: ["MRI"],
 *   classes: ["background", "hippocampus"],
 * });
 * const folder = await convertVersion1(task, "Dataset004_Hippocampus", foldersIn(root));
 * assert((await Deno.stat(`${folder}/imagesTr/a_0000.nii.gz`)).isFile);
 * await Deno.remove(root, { recursive: true });
 * ```
 *
 * @see MIC-DKFZ/nnUNet@0e495086
 * nnunetv2/dataset_conversion/convert_raw_dataset_from_old_nnunet_format.py
 */
export async function convertVersion1(
  sourceFolder: string,
  datasetName: string,
  folders: Folders,
  options: ConversionOptions = {},
): Promise<string> {
  requireKnown(options, conversionOptions, "convert");
  const { signal, onProgress } = options;
  const source = resolve(sourceFolder);
  const match = datasetName.match(/^Dataset(\d{3})_(.+)$/);
  if (!match) {
    throw new RangeError(
      `Cannot convert ${source} to "${datasetName}": expected a name like Dataset004_Hippocampus`,
    );
  }
  const { imagesTr, labelsTr } = fileNames;
  const { content } = await readTaskJson(source, [imagesTr, labelsTr]);
  const target = await newDatasetFolder({ id: Number(match[1]), name: match[2] }, folders);
  const { scans, ignored } = await listScans(source, [imagesTr, labelsTr]);
  requirePairs(source, scans[imagesTr], scans[labelsTr], {
    numbered: true,
    otherwise: "convertDecathlon",
  });
  const hidden = ignored.filter(({ reason }) => reason === "hidden"); // All other files are copied.
  if (hidden.length > 0) options.onIgnored?.(hidden);

  const files: string[] = [];
  for (const child of [imagesTr, labelsTr, ...optionalFolders]) {
    files.push(...await filesBelow(source, child));
  }
  await writeFolderAtomically(target, async (folder) => {
    for (const [done, file] of files.entries()) {
      signal?.throwIfAborted();
      await createFolder(join(folder, file, ".."), { recursive: true });
      await copyFile(join(source, file), join(folder, file));
      onProgress?.(done + 1, files.length);
    }
    signal?.throwIfAborted();
    await writeFileAtomically(
      join(folder, fileNames.dataset),
      formatPythonJson(upgradeDatasetJson(content, droppedKeys) as PythonJson, { sortKeys: false }),
    );
  });
  return target;
}

/** Returns the files in a folder and its subfolders, except hidden ones; none if it is missing. */
async function filesBelow(root: string, child: string): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of listFolderIfPresent(join(root, child))) {
    if (name.startsWith(".")) continue;
    const path = join(child, name);
    if (isDirectory) files.push(...await filesBelow(root, path));
    else files.push(path);
  }
  return files.sort();
}
