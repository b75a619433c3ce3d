/** Shows the jobs of a launch: a table of how they are, and the curves of all trainings. */

import type { Figure } from "../display/figure.ts";
import type { JobStatus } from "../launch/job_status.ts";
import { requireKnown } from "../options/require_known.ts";
import { chart, chartPicture, lineFigure } from "./charts.ts";
import { type FileOptions, fileOptions, Place } from "./host.ts";
import { Interrupted, interruptible } from "./interrupt.ts";
import type { Output } from "./output.ts";
import { table } from "./table.ts";
import { formatSeconds } from "./live_progress.ts";

/** A launch to watch, such as a `Launcher` of `nnunet`. */
export interface WatchableLaunch {
  /** Returns how the jobs are. */
  status(): Promise<readonly JobStatus[]>;
}

/** Options of {@link watchLaunch}. */
export interface WatchLaunchOptions extends FileOptions {
  /** Seconds between looks at the jobs; 5 by default. */
  readonly seconds?: number;
}

/**
 * Makes a table of a launch's jobs: what each does, how far its training is, and why it waits or
 * failed.
 *
 * @param statuses How the jobs are, from `launcher.status()`.
 * @returns The output.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { launchTable } from "nnunet/notebook";
 *
 * const job = { name: "prepare", stage: "prepare", phase: "done", detail: "", attempts: 1 } as const;
 * assert.match(launchTable([job]).text, /^job +state +time +epochs +Dice +detail\nprepare +done/);
 * ```
 */
export function launchTable(statuses: readonly JobStatus[]): Output {
  return table(
    ["job", "state", "time", "epochs", "Dice", "detail"],
    statuses.map((status) => [
      status.name,
      status.phase + (status.attempts > 1 ? `, attempt ${status.attempts}` : ""),
      status.seconds === undefined ? "" : formatSeconds(status.seconds),
      epochsOf(status),
      diceOf(status),
      status.detail,
    ]),
    { title: "Jobs", bold: (row) => statuses[row].phase === "failed" },
  );
}

/**
 * Makes a chart of the pseudo Dice of all trainings of a launch, a line each.
 *
 * @param statuses How the jobs are, from `launcher.status()`.
 * @returns The figure; undefined before any training has finished an epoch.
 *
 * @example
 * ```ts ignore
 * const figure = launchCurves(await launcher.status());
 * if (figure) await show(await chart(figure, { title: "All folds" }));
 * ```
 */
export function launchCurves(statuses: readonly JobStatus[]): Figure | undefined {
  const series = statuses.flatMap(({ name, training }) => {
    const values = training?.log.emaForegroundDice ?? [];
    if (values.length === 0) return [];
    return [{ name: name.replace(/^train_/, ""), x: values.map((_, epoch) => epoch), y: values }];
  });
  if (series.length === 0) return undefined;
  return lineFigure(series, {
    title: "All trainings",
    x: "epoch",
    y: "pseudo Dice, moving average",
  });
}

/**
 * Shows the jobs of a launch below the cell until they have ended: a table, and the curves of all
 * trainings. They are read from the launch's folder, so the cell may be stopped and run again at any
 * time, in another notebook, too; that does not touch the jobs.
 *
 * @param launch The launch.
 * @param options How often to look, and where to write the picture outside a notebook.
 * @returns How the jobs were in the end.
 * @throws {Error} If the jobs' states cannot be read.
 *
 * @example
 * ```ts ignore
 * import { Launcher } from "nnunet";
 * import { watchLaunch } from "nnunet/notebook";
 *
 * const launcher = new Launcher({ root: "nnunet", id: 4, engine: "slurm" });
 * await launcher.submit();
 * await watchLaunch(launcher);
 * ```
 */
export async function watchLaunch(
  launch: WatchableLaunch,
  options: WatchLaunchOptions = {},
): Promise<readonly JobStatus[]> {
  requireKnown(options, { ...fileOptions, seconds: true }, "watch a launch");
  const { seconds = 5, file = "figures/launch.png" } = options;
  const jobs = new Place({ file: file.replace(/\.\w+$/, ".txt") });
  const curves = new Place({ file });
  const stop = interruptible();
  let drawn = "";
  let statuses: readonly JobStatus[] = [];
  for (let isActive = true; isActive;) {
    statuses = await launch.status();
    isActive = statuses.some(({ phase }) => phase === "running" || phase === "waiting");
    await jobs.show(launchTable(statuses));
    const figure = launchCurves(statuses);
    // Drawing takes a while, so it is done only for new epochs.
    const epochs = statuses.map(({ training }) => training?.log.epochEnd.length ?? 0).join();
    if (figure && (epochs !== drawn || !isActive)) {
      drawn = epochs;
      const title = "Pseudo Dice of all trainings";
      await curves.show(
        isActive ? await chartPicture(figure, title) : await chart(figure, { title }),
      );
    }
    if (isActive && !await pause(1000 * seconds, stop)) break;
  }
  return statuses;
}

/** Waits. @returns False if the stop button was pressed meanwhile. */
async function pause(milliseconds: number, stop: AbortSignal): Promise<boolean> {
  if (stop.aborted) return false;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  const end = () => resolve();
  stop.addEventListener("abort", end);
  await promise;
  clearTimeout(timer);
  stop.removeEventListener("abort", end);
  if (stop.aborted && !(stop.reason instanceof Interrupted)) throw stop.reason;
  return !stop.aborted;
}

function epochsOf({ training }: JobStatus): string {
  if (!training) return "";
  const done = training.log.epochEnd.length;
  return training.epochs === undefined ? `${done}` : `${done} of ${training.epochs}`;
}

/** The validation's Dice, or the pseudo Dice so far. */
function diceOf({ training }: JobStatus): string {
  if (!training) return "";
  const { validationDice, log } = training;
  const dice = validationDice ?? log.emaForegroundDice.at(-1);
  if (dice === undefined || Number.isNaN(dice)) return "";
  return validationDice === undefined ? `${dice.toFixed(3)} so far` : dice.toFixed(3);
}
