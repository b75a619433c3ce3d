/** JSON files, with errors that name them. */

import { readText } from "./read_text.ts";

/**
 * Parses a JSON file.
 *
 * @throws {SyntaxError} If it is no JSON.
 * @throws {Error} If the file cannot be opened.
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
