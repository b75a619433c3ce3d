/** From nnU-Net v1's raw layout to version 2's. */

import { basename, join, resolve } from "../platform/paths.ts";
import { type ProgressOptions, progressOptions } from "../dataset/find_labels.ts";
import { writeFolderAtomically } from "../platform/atomic_folder.ts";
import { writeFileAtomically } from "../platform/atomic_write.ts";
import { upgradeDatasetJson } from "../files/dataset_json_v1.ts";
import { fileNames, type Folders } from "../files/paths.ts";
import { formatPythonJson, type PythonJson } from "../files/python_json.ts";
import { newDatasetFolder } from "./conversion_target.ts";
import { listScans, readTaskJson, requirePairs } from "./version1_source.ts";
import { copyFile, createFolder, listFolderIfPresent } from "../platform/files.ts";
import { requireKnown } from "../options/require_known.ts";

/** Copied where they exist; nnU-Net itself reads none of them. */
const optionalFolders = [
  fileNames.imagesTs,
  fileNames.labelsTs,
  fileNames.imagesVal,
  fileNames.labelsVal,
];

/** Lists of files and sizes, which version 2 takes from the folders. */
const droppedKeys = ["tensorImageSize", "numTest"];

/**
 * Copies a task of nnU-Net v1 into `nnUNet_raw`. The data set appears whole or not at all.
 *
 * @param sourceFolder The task's folder, with `imagesTr`, `labelsTr` and `dataset.json`.
 * @param datasetName The new data set's name, `DatasetXXX_NAME`.
 * @returns The new data set's folder.
 * @throws {RangeError} If the name cannot be used.
 * @throws {Error} If the name's id is taken, something is missing in the folder, or images and
 * label maps do not belong together.
 * @throws The signal's reason, if it is aborted.
 * @see MIC-DKFZ/nnUNet@0e495086
 * nnunetv2/dataset_conversion/convert_raw_dataset_from_old_nnunet_format.py
 */
export async function convertVersion1(
  sourceFolder: string,
  datasetName: string,
  folders: Folders,
  options: ProgressOptions = {},
): Promise<string> {
  requireKnown(options, progressOptions, "convert");
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
  requirePairs(
    source,
    await listScans(join(source, imagesTr)),
    await listScans(join(source, labelsTr)),
    {
      numbered: true,
      otherwise: `${basename(source)} looks like a task of the Decathlon, ` +
        "which convert_MSD_dataset converts",
    },
  );

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

/** Files in a folder and its folders, hidden ones left out; none if it does not exist. */
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
