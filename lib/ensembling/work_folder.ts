/** Keeps the members' predictions of an ensemble until they are merged. */

import { fileNames } from "../files/paths.ts";
import { listFolder, remove } from "../platform/files.ts";
import { join } from "../platform/paths.ts";

/**
 * Runs a function with a hidden folder inside `parent`. If the work is stopped, what is finished stays
 * there, so that it can be continued; the predictors keep other models out of it.
 */
export async function withWorkFolder<T>(
  parent: string,
  run: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = join(parent, fileNames.unfinished("members"));
  try {
    const result = await run(folder);
    await remove(folder, { recursive: true });
    return result;
  } catch (error) {
    await removeEmptyFolders(folder).catch(() => {}); // The folder may not exist.
    throw error;
  }
}

/** Removes a folder and those below it, except the ones that have files. */
async function removeEmptyFolders(folder: string): Promise<void> {
  for await (const { name, isDirectory } of listFolder(folder)) {
    if (isDirectory) await removeEmptyFolders(join(folder, name));
  }
  await remove(folder).catch(() => {}); // It has files.
}
