/** Helpers for arranging files before creating a data set. */

import { join, resolve } from "../platform/paths.ts";
import { AlreadyExistsError } from "../files/already_exists_error.ts";
import { copyFileAtomically } from "../files/copy_file.ts";
import { channelFileName } from "../files/paths.ts";
import { renameImage } from "../image/image_files.ts";
import { imageEndingOf } from "../image/registry.ts";
import { listImages } from "../image/scan_folder.ts";
import { splitChannelSuffix } from "./channels.ts";
import { createFolder, fileInfo, isTaken, remove } from "../platform/files.ts";
import { requireKnown } from "../options/require_known.ts";

/** Options of {@link makeFolder}. */
export interface MakeFolderOptions {
  /** Whether to empty the folder if it exists; false by default. */
  readonly overwrite?: boolean;
}

/** Options of {@link copyAndRename}. */
export interface CopyOptions {
  /** Whether to remove the file after copying it; false by default. */
  readonly deleteOriginal?: boolean;
  /** Whether to replace the target if it exists; false by default. */
  readonly overwrite?: boolean;
}

/**
 * Creates a folder and its parents if it does not exist.
 *
 * @param path The folder.
 * @param options Whether to empty an existing folder.
 * @returns Whether the folder was created or emptied.
 * @throws {TypeError} If an option is unknown.
 * @throws {Error} If the path is a file.
 *
 * @example An existing folder is kept
 * ```ts
 * import { makeFolder } from "nnunet";
 * import assert from "node:assert/strict";
 *
 * const parent = await Deno.makeTempDir();
 * assert.equal(await makeFolder(`${parent}/input`), true);
 * assert.equal(await makeFolder(`${parent}/input`), false);
 * await Deno.remove(parent, { recursive: true });
 * ```
 */
export async function makeFolder(
  path: string,
  options: MakeFolderOptions = {},
): Promise<boolean> {
  requireKnown(options, { overwrite: true }, "make a folder");
  const { overwrite = false } = options;
  const existing = await fileInfo(path).catch(() => undefined);
  if (existing && !existing.isDirectory) {
    throw new Error(`Cannot make folder ${path}: found a file, expected a folder or a new path`);
  }
  if (existing && !overwrite) return false;
  if (existing) await remove(path, { recursive: true });
  await createFolder(path, { recursive: true });
  return true;
}

/**
 * Copies a file to another path, completely or not at all. Missing folders are created.
 *
 * @param from Path of the file.
 * @param to Path of the copy.
 * @param options Whether to remove the original and to replace an existing target.
 * @throws {TypeError} If an option is unknown.
 * @throws {AlreadyExistsError} If the target exists, and `overwrite` is not set.
 * @throws {Error} If the source cannot be read, the target cannot be written, or both are the same.
 *
 * @example Copying a scan under the name of a case
 * ```ts
 * import assert from "node:assert/strict";
 * import { copyAndRename } from "nnunet";
 *
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/patient.nii.gz`, "");
 * await copyAndRename(`${folder}/patient.nii.gz`, `${folder}/input/la_001_0000.nii.gz`);
 * assert((await Deno.stat(`${folder}/input/la_001_0000.nii.gz`)).isFile);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function copyAndRename(
  from: string,
  to: string,
  options: CopyOptions = {},
): Promise<void> {
  requireKnown(options, { deleteOriginal: true, overwrite: true }, "copy a file");
  const { deleteOriginal = false, overwrite = false } = options;
  if (resolve(from) === resolve(to)) {
    throw new Error(`Cannot copy ${from} to ${to}: both are the same file, expected another path`);
  }
  if (!overwrite && await isTaken(to)) {
    throw new AlreadyExistsError(
      to,
      `Cannot copy ${from} to ${to}: the target exists`,
      "overwrite",
    );
  }
  await copyFileAtomically(from, to);
  if (deleteOriginal) await remove(from);
}

/**
 * Returns whether an image's file name has a channel number.
 *
 * @param fileName A file name without its folder.
 * @returns Whether the name ends in `_0000`, `_0001`, … before the file ending.
 *
 * @example
 * ```ts
 * import { hasChannelSuffix } from "nnunet";
 * import assert from "node:assert/strict";
 *
 * assert.equal(hasChannelSuffix("la_003_0000.nii.gz"), true);
 * assert.equal(hasChannelSuffix("la_003.nii.gz"), false);
 * ```
 */
export function hasChannelSuffix(fileName: string): boolean {
  const ending = imageEndingOf(fileName);
  return ending !== undefined &&
    splitChannelSuffix(fileName.slice(0, -ending.length)) !== undefined;
}

/**
 * Adds the number of the first channel, `_0000`, to the names of all images in a folder that have no
 * channel number.
 *
 * @param folder The folder; subfolders are not searched.
 * @returns The number of renamed files.
 * @throws {AlreadyExistsError} If a new name exists already; nothing is renamed then.
 *
 * @example A folder with one image
 * ```ts
 * import { renameForSingleModality } from "nnunet";
 * import assert from "node:assert/strict";
 *
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/a.nii.gz`, "");
 * assert.equal(await renameForSingleModality(folder), 1); // a_0000.nii.gz
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function renameForSingleModality(folder: string): Promise<number> {
  const names = await listImages(folder);
  const renames = names.filter((name) => !hasChannelSuffix(name)).map((name) => {
    const ending = imageEndingOf(name)!;
    return { from: name, to: channelFileName(name.slice(0, -ending.length), 0, ending) };
  });
  const taken = renames.find(({ to }) => names.includes(to));
  if (taken) {
    throw new AlreadyExistsError(
      join(folder, taken.to),
      `Cannot rename ${join(folder, taken.from)}: ${taken.to} exists in the same folder`,
    );
  }
  for (const { from, to } of renames) await renameImage(join(folder, from), join(folder, to));
  return renames.length;
}
