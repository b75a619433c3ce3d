/** Shows a training's curves, progress and time left while it runs. */

import { curveFigure } from "../display/curve_figure.ts";
import type { Figure } from "../display/figure.ts";
import type { TrainingLog } from "../interop/training_log.ts";
import type { EpochReport } from "../trainer.ts";
import type { FitOptions } from "../training/fit_options.ts";
import type { TrainingProgress } from "../training/training_progress.ts";
import { chart, chartPicture } from "./charts.ts";
import { type FileOptions, fileOptions, inNotebook, Place } from "./host.ts";
import { Interrupted, interruptible } from "./interrupt.ts";
import { LiveProgress } from "./live_progress.ts";
import { savedLog } from "./saved_log.ts";
import { Throttle } from "./throttle.ts";
import { requireKnown } from "../options/require_known.ts";

/** Milliseconds between drawings of the curves; each takes a worker a few hundred. */
const CURVES_INTERVAL = 700;

/**
 * Curves of a running training: losses, pseudo Dice, seconds per epoch and learning rate.
 *
 * @example
 * ```ts ignore
 * import { interruptible, LiveCurves } from "nnunet/notebook";
 *
 * const curves = new LiveCurves();
 * for await (const { log } of trainer.fit({ signal: interruptible() })) curves.update(log);
 * await curves.flush();
 * ```
 */
export class LiveCurves {
  readonly #place: Place;
  readonly #throttle: Throttle<TrainingLog>;
  /**
   * The latest curves, so far shown as a picture: JupyterLab does not update a Plotly figure once it
   * is drawn.
   */
  #latest: TrainingLog | undefined;
  #file: string | undefined;

  /**
   * Makes curves, which the first update shows.
   *
   * @param options Where to write the picture outside a notebook; `figures/training.png` by
   * default.
   */
  constructor(options: FileOptions = {}) {
    requireKnown(options, fileOptions, "draw curves");
    this.#place = new Place({ file: options.file ?? "figures/training.png" });
    this.#throttle = new Throttle(async (log) => {
      this.#latest = log;
      this.#file = await this.#place.show(await chartPicture(notebookFigure(log), titleOf(log)));
    }, CURVES_INTERVAL);
  }

  /**
   * Schedules a drawing of the curves.
   *
   * @param log Log of all epochs so far.
   */
  update(log: TrainingLog): void {
    // The lists may grow before they are drawn, and a drawing needs all of the same length.
    this.#throttle.push(structuredClone(log));
  }

  /**
   * Waits until the latest curves are drawn.
   *
   * @returns The file; undefined in a notebook.
   */
  async flush(): Promise<string | undefined> {
    await this.#throttle.flush();
    const log = this.#latest;
    this.#latest = undefined;
    if (log) {
      const curves = await chart(notebookFigure(log), { title: titleOf(log) });
      this.#file = await this.#place.show(curves);
    }
    return this.#file;
  }
}

function titleOf({ trainLosses: { length } }: TrainingLog): string {
  return `Training, ${length} ${length === 1 ? "epoch" : "epochs"}`;
}

/** Returns the curves at the width of a notebook's column. */
function notebookFigure(log: TrainingLog): Figure {
  const { data, layout } = curveFigure(log);
  return {
    data,
    layout: {
      ...layout,
      width: 860,
      height: 720,
      font: { ...layout.font as object, size: 12 },
      margin: { l: 70, r: 60, t: 40, b: 50 },
    },
  };
}

/** A training to watch, such as a `Trainer` of `nnunet`. */
export interface Watchable {
  /** Folder of the fold's results, whose epochs are shown if none is left to train. */
  readonly folder?: string;
  /** Trains epoch by epoch. */
  fit(options: FitOptions): AsyncIterable<EpochReport>;
}

/** Result of {@link watch}. */
export interface WatchedTraining {
  /** All epochs so far, of earlier calls, too; undefined if none was finished. */
  readonly log?: TrainingLog;
  /** Whether the stop button ended the training. */
  readonly interrupted: boolean;
  /** The picture of the curves; undefined in a notebook. */
  readonly file?: string;
}

/**
 * Trains and shows curves, a progress bar and the time left below the cell. Jupyter's stop button
 * stops the training and keeps its state; the same call resumes it, or shows the curves of a training
 * that has ended.
 *
 * @param trainer The training.
 * @param options Options of the training, and the picture's file outside a notebook.
 * @returns The epochs so far, and whether the training was interrupted.
 * @throws {Error} As `Trainer.fit`, except for an interrupt.
 *
 * @example
 * ```ts ignore
 * import { Trainer } from "nnunet";
 * import { watch } from "nnunet/notebook";
 *
 * await watch(new Trainer(plans, "3d_fullres", { epochs: 50 }));
 * ```
 */
export async function watch(
  trainer: Watchable,
  { file, signal, ...options }: FitOptions & FileOptions = {},
): Promise<WatchedTraining> {
  const stop = interruptible();
  const bar = inNotebook() ? new LiveProgress("training") : undefined;
  let validation: LiveProgress | undefined;
  const curves = new LiveCurves({ file });
  let log: TrainingLog | undefined;
  let interrupted = false;
  try {
    const epochs = trainer.fit({
      resume: true,
      onStart: ({ notices }) => notices.forEach((notice) => console.log(`Note: ${notice}`)),
      onWarning: (message) => console.warn(`Warning: ${message}`),
      ...options,
      signal: signal ? AbortSignal.any([signal, stop]) : stop,
      onProgress: (progress) => {
        bar?.update(shareOf(progress), describe(progress));
        options.onProgress?.(progress);
      },
      onValidation: (progress) => {
        const { share, cases, totalCases } = progress;
        if (bar) validation ??= new LiveProgress("validation");
        validation?.update(share, `${cases} of ${totalCases} scans`);
        options.onValidation?.(progress);
      },
    });
    for await (const epoch of epochs) {
      log = epoch.log;
      curves.update(log);
    }
    bar?.update(1, "done");
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    interrupted = true;
    bar?.note("stopped; run the cell again to resume");
  } finally {
    await bar?.flush();
    await curves.flush();
    await validation?.flush();
  }
  if (!log && trainer.folder !== undefined) {
    log = await savedLog(trainer.folder);
    if (log) curves.update(log);
  }
  return { log, interrupted, file: await curves.flush() };
}

function shareOf({ epoch, epochs, phase, iteration, iterations }: TrainingProgress): number {
  return (epoch + (phase === "training" ? iteration / iterations : 1)) / epochs;
}

function describe(progress: TrainingProgress): string {
  const { epoch, epochs, phase, iteration, iterations, loss, dice } = progress;
  const score = dice === undefined ? "" : `, pseudo Dice ${dice.toFixed(3)}`;
  return `epoch ${epoch + 1} of ${epochs}, ${phase} ${iteration} of ${iterations}, ` +
    `loss ${loss.toFixed(3)}${score}`;
}
