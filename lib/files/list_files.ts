/** Lists the files of a folder that have a given ending. */

import { listFolder } from "../platform/files.ts";
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
