/** Reads the log that a training streams, also while it runs on another machine. */

import { z } from "../packages/zod.ts";
import { fileNames } from "../files/paths.ts";
import type { TrainingLog } from "../interop/training_log.ts";
import { exists } from "../platform/files.ts";
import { join } from "../platform/paths.ts";
import { readText } from "../platform/read_text.ts";
import { parseJson } from "../untrusted/json_text.ts";

/** How far a training is. */
export interface StreamedLog {
  /** Its epochs so far. */
  readonly log: TrainingLog;
  /** Number of epochs that it is to have. */
  readonly epochs?: number;
  /** Whether the last epoch has ended. */
  readonly ended: boolean;
  /** Mean foreground Dice of the validation, if it is done. */
  readonly validationDice?: number;
}

const value = z.number().nullable().transform((number) => number ?? NaN);
const lineSchema = z.discriminatedUnion("event", [
  z.object({ event: z.literal("start"), epochs: z.number().optional() }),
  z.object({
    event: z.literal("epoch"),
    train_loss: value,
    val_loss: value,
    mean_fg_dice: value,
    ema_fg_dice: value,
    dice_per_class_or_region: z.array(value),
    lr: value,
    epoch_start: value,
    epoch_end: value,
  }),
  z.object({ event: z.literal("end") }),
  z.object({ event: z.literal("validation"), mean_fg_dice: value }),
]);
type Line = z.infer<typeof lineSchema>;

/**
 * Reads a fold's `training_log.jsonl`.
 *
 * @param folder Folder of a fold's results, such as `trainer.folder`.
 * @returns The epochs so far; undefined if the training has not begun.
 * @throws {Error} If the file cannot be read.
 *
 * @example
 * ```ts ignore
 * const { log, epochs } = await readTrainingLog(trainer.folder) ?? {};
 * console.log(`${log?.trainLosses.length ?? 0} of ${epochs} epochs`);
 * ```
 */
export async function readTrainingLog(folder: string): Promise<StreamedLog | undefined> {
  const path = join(folder, fileNames.log);
  return await exists(path) ? parseTrainingLog(await readText(path)) : undefined;
}

/** Parses the text of a `training_log.jsonl`; lines of other events, or cut short, are passed over. */
export function parseTrainingLog(text: string): StreamedLog {
  const lines = text.split("\n").flatMap((line) => lineOf(line) ?? []);
  const of = <E extends Line["event"]>(event: E) =>
    lines.filter((line): line is Extract<Line, { event: E }> => line.event === event);
  const epochs = of("epoch");
  return {
    log: {
      trainLosses: epochs.map(({ train_loss }) => train_loss),
      valLosses: epochs.map(({ val_loss }) => val_loss),
      meanForegroundDice: epochs.map(({ mean_fg_dice }) => mean_fg_dice),
      emaForegroundDice: epochs.map(({ ema_fg_dice }) => ema_fg_dice),
      dicePerClass: epochs.map(({ dice_per_class_or_region }) => dice_per_class_or_region),
      learningRates: epochs.map(({ lr }) => lr),
      epochStart: epochs.map(({ epoch_start }) => epoch_start),
      epochEnd: epochs.map(({ epoch_end }) => epoch_end),
    },
    epochs: of("start").at(-1)?.epochs,
    ended: of("end").length > 0,
    validationDice: of("validation").at(-1)?.mean_fg_dice,
  };
}

function lineOf(text: string): Line | undefined {
  try {
    return lineSchema.safeParse(parseJson(text)).data;
  } catch {
    return undefined; // The line is being written.
  }
}
