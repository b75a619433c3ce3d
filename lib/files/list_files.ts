/** Lists the files of a folder that have a given ending. */

import type { IgnoredFile } from "../image/ignored_file.ts";
import { listFolder } from "../platform/files.ts";
import { join } from "../platform/paths.ts";
import { reasonOf } from "../options/reason_of.ts";

/** Returns the sorted names of a folder's files with an ending, except hidden files. */
export async function listFiles(folder: string, fileEnding: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name, isDirectory } of listFolder(folder)) {
      if (!isDirectory && name.endsWith(fileEnding) && !name.startsWith(".")) names.push(name);
    }
  } catch (cause) {
    throw new Error(`Cannot list folder ${folder}: ${reasonOf(cause)}`, { cause });
  }
  return names.sort();
}

/** Endings of what nnU-Net itself writes beside label maps. */
const companions = [".json", ".npz", ".pkl"];

/**
 * Lists what a folder of label maps or probabilities has besides them and the files that nnU-Net
 * writes next to them.
 *
 * @param taken Endings of the files that are taken.
 * @throws {Error} If the folder cannot be listed.
 */
export async function listIgnored(
  folder: string,
  taken: readonly string[],
): Promise<IgnoredFile[]> {
  const ignored: IgnoredFile[] = [];
  for await (const { name, isDirectory } of listFolder(folder)) {
    const reason = name.startsWith(".")
      ? "hidden"
      : isDirectory
      ? "a folder"
      : [...taken, ...companions].some((ending) => name.endsWith(ending))
      ? undefined
      : `does not end in ${taken.join(" or ")}`;
    if (reason !== undefined) ignored.push({ path: join(folder, name), reason });
  }
  return ignored.sort((a, b) => a.path < b.path ? -1 : 1);
}

/**
 * Returns names of files if there are any.
 *
 * @param action Beginning of the error message.
 * @param fileEnding The ending that the files were listed by.
 * @throws {Error} If there are none.
 */
export function requireFiles(names: string[], action: string, fileEnding: string): string[] {
  if (names.length > 0) return names;
  throw new Error(
    `${action}: found no file that ends with "${fileEnding}", expected at least one`,
  );
}
