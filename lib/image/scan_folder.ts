/** Lists the scans in a folder, and what else it has. */

import { type FolderEntry, isFolder, listFolder, listFolderIfPresent } from "../platform/files.ts";
import { OpenFile } from "../platform/open_file.ts";
import { spacingPaths } from "../files/spacing_file.ts";
import { basename, dirname, join } from "../platform/paths.ts";
import { findSlices } from "./dicom/dicom_folder.ts";
import { isDicom } from "./dicom/dicom_elements.ts";
import { describeIgnored, type IgnoredFile } from "./ignored_file.ts";
import { fileSource } from "./read_file.ts";
import { formatOf, imageEndingOf } from "./registry.ts";

/** The scans of a folder. */
export interface ScanFolder {
  /** Names of image files and of folders of DICOM slices, in ascending order. */
  readonly scans: readonly string[];
  /** Everything else in the folder except stored spacings and voxels, and files among slices that are none. */
  readonly ignored: readonly IgnoredFile[];
}

/**
 * Lists the scans in a folder: image files, and folders with DICOM slices.
 *
 * @throws {Error} If the folder or a file cannot be read.
 */
export async function readScanFolder(folder: string): Promise<ScanFolder> {
  const entries: FolderEntry[] = [];
  for await (const entry of listFolder(folder)) entries.push(entry);
  const scans: string[] = [];
  const ignored: IgnoredFile[] = [];
  for (const { name, isFile } of entries.sort((a, b) => a.name < b.name ? -1 : 1)) {
    const path = join(folder, name);
    if (name.startsWith(".")) ignored.push({ path: name, reason: "hidden" });
    else if (!isFile && await isFolder(path)) { // Also a link to a folder.
      const found = await findSlices(path);
      if (found.slices.length > 0) {
        scans.push(name);
        for (const file of found.ignored) {
          ignored.push({ path: `${name}/${file.path}`, reason: file.reason });
        }
      } else ignored.push({ path: name, reason: emptyReason(found.ignored) });
    } else if (imageEndingOf(name)) scans.push(name);
    else ignored.push({ path: name, reason: await fileReason(path) });
  }
  const companions = new Set<string>();
  for (const name of scans) {
    for (const path of await companionsOf(join(folder, name))) companions.add(path);
  }
  return { scans, ignored: ignored.filter(({ path }) => !companions.has(join(folder, path))) };
}

/** Paths of the files that would store a scan's spacing or voxels, if its format needs others. */
async function companionsOf(path: string): Promise<string[]> {
  if (imageEndingOf(basename(path)) === undefined) return [];
  const { hasSpacingFile, dataFiles } = formatOf(path, "read");
  if (hasSpacingFile) return spacingPaths(path);
  try {
    const names = await dataFiles?.(fileSource(path)) ?? [];
    return names.map((name) => join(dirname(path), name));
  } catch {
    return []; // Reading the scan says what is wrong with its header.
  }
}

/** Why a folder without slices is not a scan. */
function emptyReason(files: readonly IgnoredFile[]): string {
  const found = files.length === 0 ? "empty" : describeIgnored(files).join("; ");
  return `a folder without DICOM slices (${found})`;
}

async function fileReason(path: string): Promise<string> {
  using file = await OpenFile.read(path);
  const bytes = new Uint8Array(132);
  const isSlice = isDicom(bytes.subarray(0, await file.fill(bytes)));
  return isSlice ? "a DICOM file, expected a folder of slices for each scan" : "not an image";
}

/**
 * Lists the image files in a folder.
 *
 * @param folder Folder to list; subfolders are not searched.
 * @returns File names in ascending order; empty if the folder does not exist.
 * @throws {Error} If the path is a file, or the folder cannot be listed.
 *
 * @example A folder that does not exist has no images
 * ```ts
 * import assert from "node:assert/strict";
 * import { listImages } from "nnunet";
 *
 * assert.deepEqual(await listImages("no-such-folder"), []);
 * ```
 */
export async function listImages(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of listFolderIfPresent(folder)) {
    if (!entry.isDirectory && imageEndingOf(entry.name)) names.push(entry.name);
  }
  return names.sort();
}
