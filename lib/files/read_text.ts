/** Reads text files, with errors that name the file. */

import { readTextFile } from "../platform/files.ts";

/**
 * Reads a file as UTF-8.
 *
 * @throws {Error} If the file cannot be read; `cause` is the system's error.
 */
export async function readText(path: string): Promise<string> {
  try {
    return await readTextFile(path);
  } catch (cause) {
    throw new Error(`Cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
}
