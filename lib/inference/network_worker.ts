/** The worker that runs networks over a volume. */

import type { NdArray } from "../array/nd_array.ts";
import type { Heads } from "../model/heads.ts";
import type { TargetGrid } from "../labels/label_target.ts";
import { LabelThreads } from "../labels/label_threads.ts";
import { notify, serve, Transferred } from "../runtime/remote.ts";
import { checkOf, type StopFlag } from "../runtime/stop_flag.ts";
import { openSlidingWindow, type OpenWindowOptions } from "../window/open_window.ts";
import type { SlidingWindow, SlidingWindowRun } from "../window/sliding_window.ts";

/** What the worker needs to know; plain data. */
export interface NetworkOptions extends Omit<OpenWindowOptions, "heads"> {
  /** One ONNX model a fold; their logits are averaged. */
  readonly models: readonly Uint8Array<ArrayBuffer>[];
  readonly heads: Heads;
}

/** Sent as passes are done: one fold's network on one mirrored view of one tile. */
export interface NetworkProgress {
  readonly done: number;
  /** All passes of the case. */
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
   * Logits of a preprocessed case, (c, z, y, x) → (heads, z, y, x); fails between two passes when
   * the flag is raised.
   */
  async logits(data: NdArray<Float32Array<ArrayBuffer>>, stop: StopFlag) {
    const logits = await window.logits(data, runUntil(stop));
    return new Transferred(logits, [logits.data.buffer]);
  },

  /**
   * Labels of a preprocessed case on other grids, each (z, y, x). They are decided box by box, so
   * that memory grows with heads times voxels only where the window holds all logits at once.
   */
  async labels(
    data: NdArray<Float32Array<ArrayBuffer>>,
    grids: readonly TargetGrid[],
    stop: StopFlag,
  ) {
    const labels = await labelThreads.label(
      data.shape.slice(1),
      grids,
      heads,
      (visit) => window.forEachBox(data, visit, runUntil(stop)),
    );
    return new Transferred(labels, labels.map(({ buffer }) => buffer));
  },
};

/** A run that reports its progress and stops when the flag is raised. */
function runUntil(stop: StopFlag): SlidingWindowRun {
  return {
    signal: checkOf(stop),
    onProgress: (done, total) => notify({ done, total } satisfies NetworkProgress),
  };
}

/** What the worker serves. */
export type NetworkApi = typeof api;

serve(api);
