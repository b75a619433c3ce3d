/** The worker that runs networks over a volume. */

import { type NdArray, sizeOf } from "../array/nd_array.ts";
import type { Device } from "../runtime/device.ts";
import type { DeviceLimits } from "../memory/device_limits.ts";
import { notify, serve, Transferred } from "../runtime/remote.ts";
import { freeTensor, type HostTensor, type Session } from "../runtime/session.ts";
import { checkOf, type StopFlag } from "../runtime/stop_flag.ts";
import { DeviceWindow, type DeviceWindowRun } from "../window/device/device_window.ts";
import { openCpuNetwork } from "../window/cpu/cpu_network.ts";
import { inferenceNames } from "../model/inference_graph.ts";
import { Halo } from "../window/cpu/halo.ts";
import type { Heads } from "../model/heads.ts";
import type { TargetGrid } from "../labels/label_target.ts";
import { LabelThreads } from "../labels/label_threads.ts";
import {
  forEachFinalCell,
  layOut,
  slidingWindow,
  type SlidingWindowOptions,
  type TilePredictor,
} from "../window/cpu/predict_cells.ts";

/** What the worker needs to know; plain data. */
export interface NetworkOptions {
  /** One ONNX model a fold; their logits are averaged. */
  readonly models: readonly Uint8Array<ArrayBuffer>[];
  readonly patchSize: readonly number[];
  readonly heads: Heads;
  readonly mirrorAxes: readonly number[];
  readonly stepSize: number;
  readonly gaussian: boolean;
  readonly threads?: number;
  /** The CPU if left out. */
  readonly device?: Device;
  /** Convolutions in float16, on a GPU; false if left out. */
  readonly half?: boolean;
  /** What a GPU holds, if it is known. */
  readonly limits?: DeviceLimits;
}

/** Sent after each pass of a network. */
export interface NetworkProgress {
  readonly done: number;
  readonly total: number;
}

let sessions: Session[] = [];
/** In place of the sessions on a GPU, where everything stays until the logits are done. */
let gpu: DeviceWindow | undefined;
let labelThreads: LabelThreads;
let options: NetworkOptions;

const api = {
  async open(given: NetworkOptions): Promise<void> {
    options = given;
    const { models, patchSize, heads, threads, device = "cpu" } = given;
    labelThreads = new LabelThreads(threads);
    if (device !== "cpu") {
      gpu = await DeviceWindow.open(models, {
        ...given,
        device,
        heads: heads.count,
        tileSize: patchSize,
      });
      return;
    }
    sessions = await Promise.all(models.map((model) => openCpuNetwork(model, { threads })));
  },

  /**
   * Logits of a preprocessed case, (c, z, y, x) → (heads, z, y, x); fails between two passes when
   * the flag is raised.
   */
  async logits(data: NdArray<Float32Array<ArrayBuffer>>, stop: StopFlag) {
    const logits = gpu
      ? await gpu.run(data, watch(stop))
      : await slidingWindow(data, averageOfFolds(stop), windowOptions(stop));
    return new Transferred(logits, [logits.data.buffer]);
  },

  /**
   * Labels of a preprocessed case on other grids, each (z, y, x). The logits never exist as a whole,
   * so memory does not grow with the number of heads times that of voxels; they do where a GPU
   * computes them.
   */
  async labels(
    data: NdArray<Float32Array<ArrayBuffer>>,
    grids: readonly TargetGrid[],
    stop: StopFlag,
  ) {
    const [, z, y, x] = data.shape;
    const labels = await labelThreads.label([z, y, x], grids, options.heads, async (maker) => {
      if (gpu) return await maker.addAll(await gpu.run(data, watch(stop)));
      const window = windowOptions(stop);
      const { cells } = layOut([z, y, x], window);
      const [a, b, c] = [0, 1, 2].map((axis) => Math.max(...cells.map(({ size }) => size[axis])));
      const halo = new Halo(options.heads.count, [z, y, x], [a, b, c]);
      await forEachFinalCell(
        data,
        averageOfFolds(stop),
        window,
        (cell, logits) => maker.add(halo.add(cell, logits)),
      );
    });
    return new Transferred(labels, labels.map(({ buffer }) => buffer));
  },
};

/** Stops a run, and tells how far it is. */
function watch(stop: StopFlag): DeviceWindowRun {
  return {
    signal: checkOf(stop),
    onProgress: (done, total) => notify({ done, total } satisfies NetworkProgress),
  };
}

function windowOptions(stop: StopFlag): SlidingWindowOptions {
  const { patchSize, heads, mirrorAxes, stepSize, gaussian } = options;
  const folds = sessions.length;
  return {
    tileSize: patchSize,
    heads: heads.count,
    mirrorAxes,
    stepSize,
    gaussian,
    signal: checkOf(stop),
    onProgress: (done, total) =>
      notify({ done: folds * done, total: folds * total } satisfies NetworkProgress),
  };
}

/** Predicts a tile with every fold's network. */
function averageOfFolds(stop: StopFlag): TilePredictor {
  const networks = sessions.map(tilePredictor);
  if (networks.length === 1) return networks[0];
  const { heads, patchSize } = options;
  const mean = new Float32Array(heads.count * sizeOf(patchSize));
  return async (tile) => {
    mean.fill(0);
    for (const network of networks) {
      checkOf(stop).throwIfAborted();
      const logits = await network(tile);
      for (let i = 0; i < mean.length; i++) mean[i] += logits[i] / networks.length;
    }
    return mean;
  };
}

function tilePredictor(session: Session) {
  let last: HostTensor | undefined;
  return async ({ shape, data }: { shape: readonly number[]; data: Float32Array<ArrayBuffer> }) => {
    // Nobody looks at one tile's logits when the next is asked for.
    if (last) freeTensor(last);
    const image: HostTensor = { type: "float32", shape: [1, ...shape], data };
    ({ [inferenceNames.logits]: last } = await session.run({ [inferenceNames.image]: image }));
    return last.data as Float32Array<ArrayBuffer>;
  };
}

/** What the worker serves. */
export type NetworkApi = typeof api;

serve(api);
