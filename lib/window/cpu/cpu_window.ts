/** Implements the sliding window on the CPU, where logits become final cell by cell. */

import { writeBox } from "../../array/insert_box.ts";
import { type NdArray, type Shape, sizeOf, zyx } from "../../array/nd_array.ts";
import type { LogitsVisitor } from "../../labels/logits_box.ts";
import { inferenceNames } from "../../model/inference_graph.ts";
import { freeTensor, type HostTensor } from "../../runtime/session.ts";
import type { SlidingWindow, SlidingWindowOptions, SlidingWindowRun } from "../sliding_window.ts";
import { type CpuNetwork, openCpuNetworks } from "./cpu_network.ts";
import { Halo } from "./halo.ts";
import { type CellVisitor, layOut, predictCells, type TilePredictor } from "./predict_cells.ts";

/** A sliding window's options on the CPU. */
export interface CpuWindowOptions extends SlidingWindowOptions {
  /** Threads of a network; all cores by default. */
  readonly threads?: number;
  /** Bytes of unfinished sums to hold in memory, {@link CELL_BUDGET} by default. */
  readonly cellBudget?: number;
}

/**
 * A sliding window whose `forEachBox()` needs memory for unfinished cells only, of which those
 * beyond `cellBudget` are in a file.
 */
export class CpuWindow implements SlidingWindow {
  readonly #networks: readonly TilePredictor[];
  readonly #options: CpuWindowOptions;
  readonly #sessions: readonly CpuNetwork[];

  /**
   * @param networks One predictor per fold.
   * @param options How to predict volumes.
   * @param sessions Sessions to release when the window is closed.
   */
  constructor(
    networks: readonly TilePredictor[],
    options: CpuWindowOptions,
    sessions: readonly CpuNetwork[] = [],
  ) {
    this.#networks = networks;
    this.#options = options;
    this.#sessions = sessions;
  }

  /**
   * Loads networks into a sliding window.
   *
   * @param models One inference model of this library per fold.
   * @param options How to predict volumes.
   * @throws {TypeError} If a model was not written by this library.
   */
  static async open(models: readonly Uint8Array[], options: CpuWindowOptions): Promise<CpuWindow> {
    const { threads } = options;
    const sessions = await openCpuNetworks(models, { threads });
    return new CpuWindow(sessions.map(tilePredictor), options, sessions);
  }

  async logits(
    volume: NdArray<Float32Array<ArrayBuffer>>,
    run?: SlidingWindowRun,
  ): Promise<NdArray<Float32Array<ArrayBuffer>>> {
    const { heads } = this.#options;
    const size = zyx(volume.shape.slice(1));
    const voxels = sizeOf(size);
    const logits = new Float32Array(heads * voxels);
    await this.#forEachCell(volume, (cell, values) => {
      const cellVoxels = sizeOf(cell.size);
      for (let head = 0; head < heads; head++) {
        const from = values.subarray(head * cellVoxels, (head + 1) * cellVoxels);
        writeBox(from, cell, logits.subarray(head * voxels, (head + 1) * voxels), size);
      }
    }, run);
    return { shape: [heads, ...size], data: logits };
  }

  async forEachBox(
    volume: NdArray<Float32Array<ArrayBuffer>>,
    visit: LogitsVisitor,
    run?: SlidingWindowRun,
  ): Promise<void> {
    const size = zyx(volume.shape.slice(1));
    const halo = new Halo(this.#options.heads, size, layOut(size, this.#options).cells);
    await this.#forEachCell(volume, (cell, values) => visit(halo.add(cell, values)), run);
  }

  async close(): Promise<void> {
    await Promise.all(this.#sessions.map((session) => session.release()));
  }

  #forEachCell(
    volume: NdArray<Float32Array<ArrayBuffer>>,
    visit: CellVisitor,
    { onProgress, signal }: SlidingWindowRun = {},
  ): Promise<void> {
    const folds = this.#networks.length;
    return predictCells(volume, meanOf(this.#networks, this.#options, signal), {
      ...this.#options,
      signal,
      onProgress: onProgress && ((done, total) => onProgress(folds * done, folds * total)),
    }, visit);
  }
}

/** Returns a predictor that averages the logits of all folds' networks. */
function meanOf(
  networks: readonly TilePredictor[],
  { heads, tileSize }: { readonly heads: number; readonly tileSize: Shape },
  signal: SlidingWindowRun["signal"],
): TilePredictor {
  if (networks.length === 1) return networks[0];
  const mean = new Float32Array(heads * sizeOf(tileSize));
  return async (tile) => {
    mean.fill(0);
    for (const network of networks) {
      signal?.throwIfAborted();
      const logits = await network(tile);
      for (let i = 0; i < mean.length; i++) mean[i] += logits[i] / networks.length;
    }
    return mean;
  };
}

function tilePredictor(session: CpuNetwork): TilePredictor {
  let last: HostTensor | undefined;
  return async ({ shape, data }) => {
    if (last) freeTensor(last); // The previous logits may be overwritten now.
    const image: HostTensor = { type: "float32", shape: [1, ...shape], data };
    ({ [inferenceNames.logits]: last } = await session.run({ [inferenceNames.image]: image }));
    return last.data as Float32Array<ArrayBuffer>;
  };
}
