/**
 * Writes a training's log files while it runs.
 *
 * `training_log.jsonl` is for programs: one line of JSON for the settings, for each epoch, each
 * warning, the end and the validation, distinguished by `event`. A resumed training rewrites it
 * from the checkpoint, so that the log always agrees with the state. `training_log_DATE.txt` is for
 * people, in upstream's format; every start writes a new one.
 */

import { join } from "../platform/paths.ts";
import type { EvaluationSummary } from "../files/summary.ts";
import { writeFileAtomically, writeJsonAtomically } from "../platform/atomic_write.ts";
import type { TrainingLog } from "../interop/training_log.ts";
import { fileNames } from "../files/paths.ts";
import { appendTextFile, listFolder } from "../platform/files.ts";
import type { TrainingSettings } from "./training_settings.ts";

/** The log files of a running training. */
export class LogFiles {
  readonly #lines: string;
  readonly #text: string;

  private constructor(folder: string, started: Date) {
    this.#lines = join(folder, fileNames.log);
    this.#text = join(folder, textLogName(started));
  }

  /** Creates the files with the settings and the epochs of `log`, which a resumed training has. */
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
    await files.#appendText([`Settings: ${JSON.stringify(settings)}`]);
    return files;
  }

  /** Appends the last epoch of `log`. */
  async addEpoch(log: TrainingLog): Promise<void> {
    const epoch = log.epochEnd.length - 1;
    await this.#appendEntry(epochEntry(log, epoch));
    const seconds = log.epochEnd[epoch] - log.epochStart[epoch];
    const dice = log.dicePerClass[epoch].map((value) => value.toFixed(4)).join(", ");
    await this.#appendText([
      `Epoch ${epoch}`,
      `Current learning rate: ${log.learningRates[epoch]}`,
      `train_loss ${log.trainLosses[epoch].toFixed(4)}`,
      `val_loss ${log.valLosses[epoch].toFixed(4)}`,
      `Pseudo dice [${dice}]`,
      `Epoch time: ${seconds.toFixed(2)} s`,
    ]);
  }

  /** Appends the end of training and, if it ended early, the reason. */
  async addEnd(epochs: number, reason: string | undefined): Promise<void> {
    await this.#appendEntry({ event: "end", time: Date.now() / 1000, epochs, reason });
    await this.#appendText([`Training done after ${epochs} epochs${reason ? `: ${reason}` : ""}`]);
  }

  async #appendEntry(entry: Readonly<Record<string, unknown>>): Promise<void> {
    await appendTextFile(this.#lines, asLine(entry));
  }

  async #appendText(lines: readonly string[]): Promise<void> {
    await appendTextFile(this.#text, timed(lines));
  }
}

/** Appends the mean scores of a fold's validation to the fold's log. */
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

/** Appends a warning to a fold's `training_log.jsonl` and to its newest text log. */
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

/** Prefixes lines with the current time, in upstream's format. */
function timed(lines: readonly string[]): string {
  const time = new Date().toISOString().replace("T", " ").replace("Z", "");
  return lines.map((line) => `${time}: ${line} \n`).join("");
}

/** Formats an entry as a line of JSON; NaN, such as the Dice of an absent class, becomes null. */
function asLine(entry: unknown): string {
  return `${JSON.stringify(entry)}\n`;
}

/** An epoch's entry, with the keys of upstream's log. */
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

/** The text log's file name, such as `training_log_2026_7_13_09_05_00.txt`. */
function textLogName(date: Date): string {
  const pad = (value: number) => String(value).padStart(2, "0");
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()];
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(pad);
  return `training_log_${[...day, ...time].join("_")}.txt`;
}
