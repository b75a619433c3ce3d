/**
 * A training's log on disk, written while it goes on.
 *
 * `training_log.jsonl` is for programs: a line of JSON with the settings, one for every epoch, one
 * for the end, for every warning and for the validation, told apart by `event`. It is written anew from the
 * checkpoint when a training is taken up again, so that it never says more or less than the state
 * does. `training_log_DATE.txt` is for people, in upstream's words; every start has its own.
 */

import { join } from "../platform/paths.ts";
import type { EvaluationSummary } from "../files/summary.ts";
import { writeFileAtomically, writeJsonAtomically } from "../platform/atomic_write.ts";
import type { TrainingLog } from "../interop/training_log.ts";
import { fileNames } from "../files/paths.ts";
import { appendTextFile, listFolder } from "../platform/files.ts";
import type { TrainingSettings } from "./training_settings.ts";

/** The log of a training under way. */
export class LogFiles {
  readonly #lines: string;
  readonly #text: string;

  private constructor(folder: string, started: Date) {
    this.#lines = join(folder, fileNames.log);
    this.#text = join(folder, textLogName(started));
  }

  /** Writes settings and what was trained before. */
  static async start(
    folder: string,
    settings: TrainingSettings,
    log: TrainingLog,
  ): Promise<LogFiles> {
    const started = new Date();
    const files = new LogFiles(folder, started);
    const lines = [
      { event: "start", time: started.getTime() / 1000, ...settings },
      ...log.epochEnd.map((_, epoch) => epochEntry(log, epoch)),
    ];
    await writeJsonAtomically(join(folder, fileNames.debug), settings);
    await writeFileAtomically(files.#lines, lines.map(asLine).join(""));
    await files.#say([`Settings: ${JSON.stringify(settings)}`]);
    return files;
  }

  /** Adds the last epoch of a log. */
  async addEpoch(log: TrainingLog): Promise<void> {
    const epoch = log.epochEnd.length - 1;
    await this.#add(epochEntry(log, epoch));
    const seconds = log.epochEnd[epoch] - log.epochStart[epoch];
    const dice = log.dicePerClass[epoch].map((value) => value.toFixed(4)).join(", ");
    await this.#say([
      `Epoch ${epoch}`,
      `Current learning rate: ${log.learningRates[epoch]}`,
      `train_loss ${log.trainLosses[epoch].toFixed(4)}`,
      `val_loss ${log.valLosses[epoch].toFixed(4)}`,
      `Pseudo dice [${dice}]`,
      `Epoch time: ${seconds.toFixed(2)} s`,
    ]);
  }

  /** Notes that training ended, and why if it was early. */
  async addEnd(epochs: number, reason: string | undefined): Promise<void> {
    await this.#add({ event: "end", time: Date.now() / 1000, epochs, reason });
    await this.#say([`Training done after ${epochs} epochs${reason ? `: ${reason}` : ""}`]);
  }

  async #add(entry: Readonly<Record<string, unknown>>): Promise<void> {
    await appendTextFile(this.#lines, asLine(entry));
  }

  async #say(lines: readonly string[]): Promise<void> {
    await appendTextFile(this.#text, timed(lines));
  }
}

/** Adds the mean scores of a fold's validation to the fold's log. */
export async function addValidation(
  folder: string,
  { labels, cases, mean, foregroundMean }: EvaluationSummary,
): Promise<void> {
  const entry = {
    event: "validation",
    time: Date.now() / 1000,
    cases: cases.length,
    labels,
    dice_per_class_or_region: mean.map(({ dice }) => dice),
    mean_fg_dice: foregroundMean.dice,
  };
  await appendTextFile(join(folder, fileNames.log), asLine(entry));
}

/** Adds to both logs of a fold what its user should know; of those for people to the newest. */
export async function addWarning(folder: string, message: string): Promise<void> {
  const entry = { event: "warning", time: Date.now() / 1000, message };
  await appendTextFile(join(folder, fileNames.log), asLine(entry));
  const texts: string[] = [];
  for await (const { name } of listFolder(folder)) {
    if (/^training_log_.*\.txt$/.test(name)) texts.push(name);
  }
  const newest = texts.sort().at(-1) ?? textLogName(new Date());
  await appendTextFile(join(folder, newest), timed([`WARNING: ${message}`]));
}

/** Lines with the time before them, as upstream writes them. */
function timed(lines: readonly string[]): string {
  const time = new Date().toISOString().replace("T", " ").replace("Z", "");
  return lines.map((line) => `${time}: ${line} \n`).join("");
}

/** Numbers that JSON lacks, as the Dice of a class that never was, become null. */
function asLine(entry: unknown): string {
  return `${JSON.stringify(entry)}\n`;
}

/** An epoch under the names of upstream's log. */
function epochEntry(log: TrainingLog, epoch: number): Record<string, unknown> {
  return {
    event: "epoch",
    epoch,
    train_loss: log.trainLosses[epoch],
    val_loss: log.valLosses[epoch],
    mean_fg_dice: log.meanForegroundDice[epoch],
    ema_fg_dice: log.emaForegroundDice[epoch],
    dice_per_class_or_region: log.dicePerClass[epoch],
    lr: log.learningRates[epoch],
    epoch_start: log.epochStart[epoch],
    epoch_end: log.epochEnd[epoch],
  };
}

/** `training_log_2026_7_13_09_05_00.txt` */
function textLogName(date: Date): string {
  const pad = (value: number) => String(value).padStart(2, "0");
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()];
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(pad);
  return `training_log_${[...day, ...time].join("_")}.txt`;
}
