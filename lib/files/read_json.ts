/** JSON files, with errors that name them. */

/**
 * Parses a JSON file.
 *
 * @throws {SyntaxError} If it is no JSON.
 * @throws {Error} If the file cannot be opened.
 */
export async function readJson(path: string): Promise<unknown> {
  const action = `Cannot read ${path}`;
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (cause) {
    throw new Error(`${action}: ${(cause as Error).message}`, { cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SyntaxError(`${action}: ${(cause as Error).message}, expected JSON`, { cause });
  }
}
