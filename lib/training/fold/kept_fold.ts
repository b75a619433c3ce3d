/** Makes room for a new training in a fold's folder that has the results of an earlier one. */

import { basename, dirname, join } from "../../platform/paths.ts";
import { fileNames } from "../../files/paths.ts";
import { writeFolderAtomically } from "../../platform/atomic_folder.ts";
import { exists, fileInfo, isTaken, remove } from "../../platform/files.ts";

/** What a new training would overwrite, the newest state first. */
const results = [
  fileNames.checkpointLatest,
  fileNames.checkpointFinal,
  fileNames.checkpointBest,
  fileNames.onnx,
  fileNames.validation,
] as const;

/** Options of {@link makeRoom}. */
export interface MakeRoomOptions {
  /** Whether to remove the earlier results instead of renaming their folder. */
  readonly overwrite: boolean;
}

/**
 * Renames a fold's folder, if it has results, to `previous_fold_0_2026-11-30_08-15-02` beside it,
 * with the time of its newest checkpoint. Neither this library nor nnU-Net takes such a folder for a
 * fold.
 *
 * @param folder The fold's folder, which need not exist.
 * @returns What was done, as a sentence; undefined if there were no results.
 * @throws {Error} If the folder cannot be moved or removed.
 */
export async function makeRoom(
  folder: string,
  { overwrite }: MakeRoomOptions,
): Promise<string | undefined> {
  const found: string[] = [];
  for (const name of results) if (await exists(join(folder, name))) found.push(name);
  if (found.length === 0) return undefined;
  const isFinished = found.includes(fileNames.checkpointFinal) &&
    !found.includes(fileNames.checkpointLatest);
  const what = `the ${isFinished ? "finished" : "unfinished"} training in ${folder}`;
  if (overwrite) {
    await remove(folder, { recursive: true });
    return `Removed ${what}`;
  }
  const { mtime } = await fileInfo(join(folder, found[0]));
  const kept = await freePath(
    join(dirname(folder), fileNames.previousFold(basename(folder), mtime ?? new Date())),
  );
  // The new folder is made first: if the disk is full, the old one is still in its place.
  await writeFolderAtomically(folder, () => Promise.resolve(), { overwrite: true, keepAs: kept });
  return `Kept ${what} as ${kept}`;
}

/** Returns the path, or one with a number appended if it is in use. */
async function freePath(path: string): Promise<string> {
  for (let number = 1;; number++) {
    const candidate = number === 1 ? path : `${path}_${number}`;
    if (!await isTaken(candidate)) return candidate;
  }
}
