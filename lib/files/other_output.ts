/** Keeps outputs from replacing inputs, or files that are no earlier outputs. */

import { exists, sameFile } from "../platform/files.ts";
import { printable } from "../untrusted/printable.ts";

/**
 * Checks that a folder to write to is none of those that are read from.
 *
 * @param output The folder to write to.
 * @param inputs The folders to read from.
 * @param options.action What is done, for messages.
 * @param options.what What would be replaced, such as `label maps`.
 * @throws {Error} If it is one of them, under whatever path.
 */
export async function requireOtherFolder(
  output: string,
  inputs: readonly string[],
  { action, what }: { readonly action: string; readonly what: string },
): Promise<void> {
  for (const input of inputs) {
    if (!await sameFile(input, output)) continue;
    throw new Error(
      `Cannot ${action}: the results would replace the ${what} in ${printable(input)}; choose ` +
        "another `output`",
    );
  }
}

/**
 * Checks that a file to write does not replace one of another kind, such as a model.
 *
 * @param path The file to write.
 * @param ending The ending of files that may be replaced.
 * @param action What is done, for messages.
 * @throws {Error} If the file exists and has another ending.
 */
export async function requireReplaceable(
  path: string,
  ending: string,
  action: string,
): Promise<void> {
  if (path.toLowerCase().endsWith(ending) || !await exists(path)) return;
  throw new Error(
    `Cannot ${action}: ${printable(path)} exists and is not a ${ending} file; choose another name`,
  );
}
