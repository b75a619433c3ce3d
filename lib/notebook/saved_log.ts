/** Reads the log of a training that ran before. */

import { join } from "../platform/paths.ts";
import { readCheckpoint } from "../files/checkpoint_file.ts";
import { fileNames } from "../files/paths.ts";
import type { TrainingLog } from "../interop/training_log.ts";
import { exists } from "../platform/files.ts";

/**
 * Reads the epochs of a training so far from its last checkpoint, whether it has ended or was
 * stopped, here or in Python.
 *
 * @param folder Folder of a fold, such as `trainer.folder`.
 * @returns The log; undefined if nothing was trained there.
 * @throws {Error} If the checkpoint cannot be read.
 *
 * @example
 * ```ts ignore
 * import { savedLog } from "nnunet/notebook";
 *
 * const log = await savedLog(trainer.folder);
 * console.log(`${log?.trainLosses.length ?? 0} epochs so far`);
 * ```
 */
export async function savedLog(folder: string): Promise<TrainingLog | undefined> {
  // A latest checkpoint beside a final one belongs to a training that was prolonged.
  for (const name of [fileNames.checkpointLatest, fileNames.checkpointFinal]) {
    const path = join(folder, name);
    if (await exists(path)) return (await readCheckpoint(path)).log;
  }
  return undefined;
}
