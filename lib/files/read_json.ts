/** Reads JSON files, with errors that name the file. */

import { readText } from "./read_text.ts";

/**
 * Reads and parses a JSON file.
 *
 * @throws {SyntaxError} If the file is not JSON.
 * @throws {Error} If the file cannot be read.
 */
export async function readJson(path: string): Promise<unknown> {
  const text = await readText(path);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SyntaxError(`Cannot read ${path}: ${(cause as Error).message}, expected JSON`, {
      cause,
    });
  }
}
