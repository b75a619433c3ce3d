/** Writes folders atomically: they appear complete or not at all. */

import { basename, dirname, join } from "./paths.ts";
import { createFolder, isNotFound, remove, rename } from "./files.ts";

/**
 * Fills a temporary folder next to the final path and renames it.
 *
 * @param fill Writes the content into the temporary folder; if it throws, nothing has changed.
 * @param options.overwrite Whether to replace an existing folder, which is kept until the new one
 * is complete; false by default.
 * @throws {Error} What `fill` throws, or if the folder exists and `overwrite` is false.
 */
export async function writeFolderAtomically(
  folder: string,
  fill: (partial: string) => Promise<void>,
  { overwrite = false } = {},
): Promise<void> {
  const token = crypto.randomUUID().slice(0, 8);
  // Hidden, so that listings of data sets omit them.
  const beside = (state: string) => join(dirname(folder), `.${basename(folder)}.${token}.${state}`);
  const [partial, replaced] = [beside("partial"), beside("replaced")];
  try {
    await createFolder(partial, { recursive: true });
    await fill(partial);
    const moved = overwrite && await moveIfThere(folder, replaced);
    try {
      await rename(partial, folder);
    } catch (error) {
      if (moved) await rename(replaced, folder);
      throw error;
    }
    if (moved) await remove(replaced, { recursive: true });
  } catch (error) {
    await remove(partial, { recursive: true }).catch(() => {}); // It may not exist.
    throw error;
  }
}

async function moveIfThere(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}
