/** Lets one process at a time train or validate a fold. */

import { join } from "../../platform/paths.ts";
import type { Fold } from "../../dataset/splits.ts";
import { fileNames } from "../../files/paths.ts";
import { acquireLock, type FileLock } from "../../platform/file_lock.ts";
import { createFolder } from "../../platform/files.ts";

/** A fold and where its results are. */
export interface FoldPlace {
  readonly fold: Fold;
  /** Folder of the model's results, which gets the lock: a fold's folder may be renamed. */
  readonly modelFolder: string;
  /** Folder of the fold's results. */
  readonly folder: string;
}

/**
 * Takes the lock of a fold; the model's folder is created if it does not exist.
 *
 * @param action What is about to be done with the fold.
 * @param notices Gets a sentence if a process that has ended held the lock.
 * @throws {LockedError} If another run trains or validates the fold.
 */
export async function lockFold(
  { fold, modelFolder, folder }: FoldPlace,
  action: "train" | "validate",
  notices: string[],
): Promise<FileLock> {
  await createFolder(modelFolder, { recursive: true });
  return await acquireLock(join(modelFolder, fileNames.foldLock(fold)), {
    action: `${action} ${folder}`,
    onTakeover: ({ host, pid }) =>
      notices.push(`Process ${pid} on ${host} ended while it worked on ${folder}`),
  });
}
