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

/**
 * Reads a whole file as UTF-8 and parses it.
 *
 * @param kind What the file holds, named in errors.
 * @throws {Error} If the file cannot be read.
 * @throws {SyntaxError} If `parse` throws, with its error as the cause.
 */
export async function readParsed<T>(
  path: string,
  kind: string,
  parse: (text: string) => T,
): Promise<T> {
  const text = await readText(path);
  try {
    return parse(text);
  } catch (cause) {
    throw new SyntaxError(`Cannot read ${kind} ${path}: ${(cause as Error).message}`, { cause });
  }
}
