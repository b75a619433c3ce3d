/** A training to look on: curves that grow, progress, and the time left. */

import { curveFigure } from "../display/curve_figure.ts";
import type { Figure } from "../display/figure.ts";
import type { TrainingLog } from "../interop/training_log.ts";
import type { FitOptions, Trainer } from "../trainer.ts";
import type { TrainingProgress } from "../training/training_progress.ts";
import { chart } from "./charts.ts";
import { type FileOptions, inNotebook, Place } from "./host.ts";
import { Interrupted, interruptible } from "./interrupt.ts";
import { LiveProgress } from "./live_progress.ts";
import { Output } from "./output.ts";
import { Throttle } from "./throttle.ts";

/** Milliseconds between two drawings of the curves; each takes a worker a few hundred. */
const CURVES_INTERVAL = 700;

/**
 * Curves of a training as it goes on: losses, pseudo Dice in green, seconds per epoch, learning
 * rate.
 *
 * @example
 * ```ts
 * const curves = new LiveCurves();
 * for await (const { log } of trainer.fit({ signal: interruptible() })) curves.update(log);
 * await curves.flush();
 * ```
 */
export class LiveCurves {
  readonly #place: Place;
  readonly #throttle: Throttle<TrainingLog>;
  /**
   * The newest curves, shown as a picture so far: JupyterLab's Plotly, once somebody has pointed at
   * a figure, takes no newer one.
   */
  #growing: Output | undefined;
  #file: string | undefined;

  constructor(options: FileOptions = {}) {
    this.#place = new Place({ file: options.file ?? "figures/training.png" });
    this.#throttle = new Throttle(async (log) => {
      const title = `Training, ${log.trainLosses.length} epochs`;
      this.#growing = await chart(notebookFigure(log), { title });
      this.#file = await this.#place.show(new Output({ ...this.#growing, plotly: undefined }));
    }, CURVES_INTERVAL);
  }

  /** Draws the curves anew, soon. */
  update(log: TrainingLog): void {
    // The lists grow while they wait for their turn; a drawing has to see equally many of each.
    this.#throttle.push(structuredClone(log));
  }

  /** Waits until the newest curves are drawn. @returns The file outside a notebook. */
  async flush(): Promise<string | undefined> {
    await this.#throttle.flush();
    if (this.#growing) this.#file = await this.#place.show(this.#growing);
    this.#growing = undefined;
    return this.#file;
  }
}

/** The curves at the size of a notebook's column. */
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

/** How a training ended. */
export interface WatchedTraining {
  /** All epochs so far; undefined if not one was finished. */
  readonly log?: TrainingLog;
  /** Whether the stop button ended it. */
  readonly interrupted: boolean;
  /** The picture of the curves, outside a notebook. */
  readonly file?: string;
}

/**
 * Trains with curves, a bar and the time left below the cell. Jupyter's stop button ends the
 * training and keeps its state; the same call goes on with it.
 *
 * @throws {Error} As {@link Trainer.fit}, but for an interrupt.
 *
 * @example
 * ```ts
 * await watch(new Trainer(plans, "3d_fullres", { epochs: 50 }));
 * ```
 */
export async function watch(
  trainer: Trainer,
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
    bar?.note("stopped; run the cell again to go on");
  } finally {
    await bar?.flush();
    await curves.flush();
    await validation?.flush();
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
