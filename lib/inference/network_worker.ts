/** Runs in a worker and predicts volumes with a model's networks. */

import type { NdArray } from "../array/nd_array.ts";
import type { Heads } from "../model/heads.ts";
import type { TargetGrid } from "../labels/label_target.ts";
import { LabelThreads } from "../labels/label_threads.ts";
import type { LogitsVisitor } from "../labels/logits_box.ts";
import { notify, serve, Transferred } from "../runtime/remote.ts";
import { checkOf, type StopFlag } from "../runtime/stop_flag.ts";
import { openSlidingWindow, type OpenWindowOptions } from "../window/open_window.ts";
import type { SlidingWindow, SlidingWindowRun } from "../window/sliding_window.ts";
import { buffersOf, type Prediction } from "./prediction.ts";

/** The worker's options, as plain data. */
export interface NetworkOptions extends Omit<OpenWindowOptions, "heads"> {
  /** One ONNX model per fold; their logits are averaged. */
  readonly models: readonly Uint8Array<ArrayBuffer>[];
  readonly heads: Heads;
}

/** Sent after passes; a pass is one fold's network on one mirrored view of one tile. */
export interface NetworkProgress {
  readonly done: number;
  /** Number of passes that the case takes. */
  readonly total: number;
}

let window: SlidingWindow;
let labelThreads: LabelThreads;
let heads: Heads;

const api = {
  async open({ models, ...options }: NetworkOptions): Promise<void> {
    heads = options.heads;
    labelThreads = new LabelThreads(options.threads);
    window = await openSlidingWindow(models, { ...options, heads: heads.count });
  },

  /**
   * Predicts a preprocessed case; throws between two passes once the flag is raised.
   *
   * Labels are decided box by box, so memory grows with heads times voxels only if logits are kept
   * or the window holds all of them at once.
   *
   * @param data (c, z, y, x) on the plan's grid.
   * @param grids Grids to decide labels on.
   * @param keepLogits Whether to return the logits as well.
   * @param stop Flag that aborts the prediction.
   */
  async predict(
    data: NdArray<Float32Array<ArrayBuffer>>,
    grids: readonly TargetGrid[],
    keepLogits: boolean,
    stop: StopFlag,
  ) {
    let logits: Prediction["logits"];
    const predict = async (visit: LogitsVisitor) => {
      if (!keepLogits) return await window.forEachBox(data, visit, runUntil(stop));
      logits = await window.logits(data, runUntil(stop));
      await visit({ ...logits, origin: [0, 0, 0] });
    };
    const labels = await labelThreads.label(data.shape.slice(1), grids, heads, predict);
    const prediction: Prediction = { labels, logits };
    return new Transferred(prediction, buffersOf(prediction));
  },
};

/** Options of a run that reports its progress and stops when the flag is raised. */
function runUntil(stop: StopFlag): SlidingWindowRun {
  return {
    signal: checkOf(stop),
    onProgress: (done, total) => notify({ done, total } satisfies NetworkProgress),
  };
}

/** The functions that the worker serves. */
export type NetworkApi = typeof api;

serve(api);
