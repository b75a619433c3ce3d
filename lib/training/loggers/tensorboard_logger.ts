/** Follows a training with TensorBoard. */

import { writeFileAtomically } from "../../platform/atomic_write.ts";
import { appendFile, createFolder, listFolder, removeIfPresent } from "../../platform/files.ts";
import { join } from "../../platform/paths.ts";
import type { TrainingLog } from "../../interop/training_log.ts";
import { encodeEventFileStart, encodeScalars, encodeText } from "../../interop/event_file.ts";
import { epochValues, type TrainingLogger, validationValues } from "./training_logger.ts";

/** End of the names of our files; other programs' files in the folder are left alone. */
const NAME_END = ".nnunet-ts";

/**
 * Returns a logger that writes an event file, which TensorBoard shows while the training runs.
 *
 * A resumed training writes a new file with all epochs and removes the one before, so that epochs of
 * a killed process are there once. A file that ends within a record is readable up to there.
 *
 * @param folder Folder of the file, which is a run for TensorBoard. Each fold needs one of its own.
 * @returns The logger, for the option `loggers` of `Trainer.fit`.
 *
 * @example Show all trainings with `tensorboard --logdir runs`
 * ```ts ignore
 * import { tensorBoardLogger } from "nnunet";
 *
 * for await (const { epoch } of trainer.fit({ loggers: [tensorBoardLogger("runs/fold_0")] })) {
 *   console.log(epoch);
 * }
 * ```
 */
export function tensorBoardLogger(folder: string): TrainingLogger {
  let path: string | undefined;
  let epochs = 0;
  return async function tensorBoard(event) {
    if (event.event === "start") {
      epochs = event.log.epochEnd.length;
      const seconds = Date.now() / 1000;
      const before = await ownFiles(folder);
      path = join(folder, fileName(seconds, before));
      const settings = JSON.stringify(event.settings, null, 2);
      await createFolder(folder, { recursive: true });
      await writeFileAtomically(path, [
        encodeEventFileStart(seconds),
        encodeText({ seconds, step: 0 }, "settings", `    ${settings.replaceAll("\n", "\n    ")}`),
        ...event.log.epochEnd.map((_, epoch) => epochOf(event.log, epoch)),
      ]);
      for (const name of before) await removeIfPresent(join(folder, name));
    } else if (path === undefined) return;
    else if (event.event === "epoch") {
      epochs = event.epoch + 1;
      await appendFile(path, epochOf(event.log, event.epoch));
    } else if (event.event === "validation") {
      const time = { seconds: Date.now() / 1000, step: Math.max(0, epochs - 1) };
      await appendFile(path, encodeScalars(time, validationValues(event.scores)));
    }
  };
}

function epochOf(log: TrainingLog, epoch: number): Uint8Array {
  const time = { seconds: log.epochEnd[epoch], step: epoch };
  return encodeScalars(time, epochValues(log, epoch));
}

async function ownFiles(folder: string): Promise<string[]> {
  const names: string[] = [];
  await createFolder(folder, { recursive: true });
  for await (const { name } of listFolder(folder)) {
    if (name.startsWith("events.out.tfevents.") && name.endsWith(NAME_END)) names.push(name);
  }
  return names;
}

/** A name that TensorBoard reads after the names before it: names are in the order of time. */
function fileName(seconds: number, before: readonly string[]): string {
  const newest = Math.max(0, ...before.map((name) => Number(name.split(".")[3]) || 0));
  const time = Math.max(Math.floor(seconds), newest + 1);
  return `events.out.tfevents.${time}.localhost${NAME_END}`;
}
