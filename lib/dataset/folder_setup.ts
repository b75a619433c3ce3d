/** Small steps for arranging files by hand, before a data set is made of them. */

import { join, resolve } from "../platform/paths.ts";
import { copyFileAtomically } from "../files/copy_file.ts";
import { channelFileName } from "../files/paths.ts";
import { imageEndingOf, listImages } from "../image/registry.ts";
import { splitChannelSuffix } from "./cases.ts";
import { createFolder, fileInfo, isTaken, remove, rename } from "../platform/files.ts";
import { requireKnown } from "../options/require_known.ts";

/** How a folder is made. */
export interface MakeFolderOptions {
  /** Empty the folder if it exists; by default what is there stays. */
  readonly overwrite?: boolean;
}

/** How a file is copied. */
export interface CopyOptions {
  /** Remove the file after copying it; false by default. */
  readonly deleteOriginal?: boolean;
  /** Replace the target if it exists; false by default. */
  readonly overwrite?: boolean;
}

/**
 * Makes a folder, with its parents, unless it exists.
 *
 * @param options.overwrite Empty the folder if it exists; without it, what is there stays.
 * @returns Whether it was made anew.
 * @throws {Error} If the path is taken by a file.
 */
export async function makeFolder(
  path: string,
  options: MakeFolderOptions = {},
): Promise<boolean> {
  requireKnown(options, { overwrite: true }, "make a folder");
  const { overwrite = false } = options;
  const existing = await fileInfo(path).catch(() => undefined);
  if (existing && !existing.isDirectory) {
    throw new Error(`Cannot make folder ${path}: found a file, expected a folder or nothing`);
  }
  if (existing && !overwrite) return false;
  if (existing) await remove(path, { recursive: true });
  await createFolder(path, { recursive: true });
  return true;
}

/**
 * Copies a file under another name, whole or not at all. Missing folders are made.
 *
 * @param options.deleteOriginal Remove the file it was copied from, after copying.
 * @param options.overwrite Replace the target if it exists.
 * @throws {Error} If the source cannot be read, the target exists and is not to be replaced or is
 * the source itself, or it cannot be written.
 */
export async function copyAndRename(
  from: string,
  to: string,
  options: CopyOptions = {},
): Promise<void> {
  requireKnown(options, { deleteOriginal: true, overwrite: true }, "copy a file");
  const { deleteOriginal = false, overwrite = false } = options;
  if (resolve(from) === resolve(to)) {
    throw new Error(`Cannot copy ${from} to ${to}: it is the same file, expected another name`);
  }
  if (!overwrite && await isTaken(to)) {
    throw new Error(`Cannot copy ${from} to ${to}: found a file there, expected none`);
  }
  await copyFileAtomically(from, to);
  if (deleteOriginal) await remove(from);
}

/** Whether an image's file name carries a channel number, as `la_003_0000.nii.gz` does. */
export function hasChannelSuffix(fileName: string): boolean {
  const ending = imageEndingOf(fileName);
  return ending !== undefined &&
    splitChannelSuffix(fileName.slice(0, -ending.length)) !== undefined;
}

/**
 * Gives every image of a folder the number of the first channel, `_0000`; those that carry a
 * number keep their names.
 *
 * @returns How many were renamed.
 * @throws {Error} If a new name is taken; nothing has been renamed then.
 */
export async function renameForSingleModality(folder: string): Promise<number> {
  const names = await listImages(folder);
  const renames = names.filter((name) => !hasChannelSuffix(name)).map((name) => {
    const ending = imageEndingOf(name)!;
    return { from: name, to: channelFileName(name.slice(0, -ending.length), 0, ending) };
  });
  const taken = renames.find(({ to }) => names.includes(to));
  if (taken) {
    throw new Error(
      `Cannot rename ${
        join(folder, taken.from)
      }: found ${taken.to} beside it, expected no such file`,
    );
  }
  for (const { from, to } of renames) await rename(join(folder, from), join(folder, to));
  return renames.length;
}
