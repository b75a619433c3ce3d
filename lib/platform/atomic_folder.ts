/** Folders appear whole or not at all. */

import { basename, dirname, join } from "./paths.ts";
import { createFolder, isNotFound, remove, rename } from "./files.ts";

/**
 * Fills a folder beside its final place and moves it there.
 *
 * @param fill Writes everything into the folder it is given; if it throws, nothing has changed.
 * @param options.overwrite Replace the folder if it exists; it is kept until the new one stands.
 * @throws {Error} Whatever `fill` throws, or if the folder exists and is not to be replaced.
 */
export async function writeFolderAtomically(
  folder: string,
  fill: (partial: string) => Promise<void>,
  { overwrite = false } = {},
): Promise<void> {
  const token = crypto.randomUUID().slice(0, 8);
  // Hidden, so that no listing of data sets sees them.
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
    await remove(partial, { recursive: true }).catch(() => {}); // It may never have been made.
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
