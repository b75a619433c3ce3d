/** Writes folders atomically: they appear complete or not at all. */

import { printable } from "../untrusted/printable.ts";
import { dirname } from "./paths.ts";
import { FileError } from "./file_error.ts";
import { createFolder, remove, rename } from "./files.ts";
import { flushFolder, flushTree } from "./flush.ts";
import { removeLeftovers } from "./leftovers.ts";
import { replaceFolder } from "./replacement.ts";
import { temporaryPath } from "./temporary_names.ts";

/**
 * Fills a temporary folder next to the final path and renames it. Everything is on the disk before
 * it is renamed. What killed processes left next to it is removed.
 *
 * @param fill Writes the content into the temporary folder; if it throws, nothing has changed.
 * @param options.overwrite Whether to replace an existing folder, which is kept until the new one
 * is complete; false by default.
 * @param options.keepAs Where a replaced folder is kept, in the same parent; it is removed by default.
 * @throws {Error} What `fill` throws, or if the folder exists and `overwrite` is false.
 */
export async function writeFolderAtomically(
  folder: string,
  fill: (partial: string) => Promise<void>,
  { overwrite = false, keepAs }: { readonly overwrite?: boolean; readonly keepAs?: string } = {},
): Promise<void> {
  const parent = dirname(folder);
  await createFolder(parent, { recursive: true });
  removeLeftovers(parent);
  const partial = temporaryPath(parent, "partial");
  try {
    await createFolder(partial);
    await fill(partial);
    await flushTree(partial);
    if (overwrite) await replaceFolder(partial, folder, keepAs);
    else {
      await rename(partial, folder);
      await flushFolder(parent);
    }
  } catch (error) {
    await remove(partial, { recursive: true }).catch(() => {}); // It may not exist.
    throw named(error, partial, folder);
  }
}

/** Lets an error name the final folder in place of the temporary one. */
function named(error: unknown, partial: string, folder: string): unknown {
  if (!(error instanceof Error)) return error;
  error.message = error.message.replaceAll(partial, folder)
    .replaceAll(printable(partial), printable(folder));
  if (error instanceof FileError) {
    Object.assign(error, { path: error.path.replace(partial, folder) });
  }
  return error;
}
