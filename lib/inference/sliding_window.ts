/**
 * Prediction of a whole volume by overlapping tiles.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/inference/sliding_window_prediction.py
 */

import { type NdArray, type Shape, sizeOf, type Zyx } from "../array/nd_array.ts";
import { gaussianWeights } from "./gaussian.ts";
import { mirrorings } from "./mirroring.ts";
import { tileOrigins, tileStarts } from "./tiles.ts";

/**
 * Predicts one tile.
 *
 * @param tile (c, …tile); overwritten by the next call.
 * @returns Logits, (heads, …tile); may be overwritten by the next call.
 */
export type TilePredictor = (
  tile: NdArray<Float32Array<ArrayBuffer>>,
) => Promise<Float32Array>;

/** How to go over the volume. */
export interface SlidingWindowOptions {
  /** (z, y, x), or (y, x) for a network that sees one slice at a time. */
  readonly tileSize: Shape;
  readonly heads: number;
  /** Step as a fraction of the tile; nnU-Net's 0.5 by default. */
  readonly stepSize?: number;
  /** Whether a tile counts most in its middle; everywhere alike if not. True by default. */
  readonly gaussian?: boolean;
  /** Spatial axes of the tile to average over both directions of; none by default. */
  readonly mirrorAxes?: readonly number[];
  /** Called after each pass of the network. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Checked between passes. */
  readonly signal?: Pick<AbortSignal, "throwIfAborted">;
}

/**
 * Logits of a volume: the Gaussian-weighted mean of all tiles' logits, each the mean over all
 * mirrorings.
 *
 * @param volume (c, z, y, x)
 * @returns (heads, z, y, x)
 */
export async function slidingWindow(
  volume: NdArray<Float32Array<ArrayBuffer>>,
  predict: TilePredictor,
  options: SlidingWindowOptions,
): Promise<NdArray<Float32Array<ArrayBuffer>>> {
  const { heads, stepSize = 0.5, mirrorAxes = [], onProgress, signal } = options;
  const { gaussian = true } = options;
  const [channels, ...size] = volume.shape;
  const slicewise = options.tileSize.length === 2;
  const tileSize = (slicewise ? [1, ...options.tileSize] : options.tileSize) as unknown as Zyx;
  const flips = mirrorings(slicewise ? mirrorAxes.map((axis) => axis + 1) : mirrorAxes);

  // A volume smaller than the tile is seen with zeros around it.
  const missing = size.map((n, axis) => Math.max(0, tileSize[axis] - n));
  const before = missing.map((n) => Math.floor(n / 2));
  const padded = size.map((n, axis) => n + missing[axis]);
  const origins = tileOrigins(
    slicewise
      ? [
        Array.from({ length: size[0] }, (_, z) => z),
        ...tileStarts(padded.slice(1), options.tileSize, stepSize),
      ]
      : tileStarts(padded, tileSize, stepSize),
  );

  const tileVoxels = sizeOf(tileSize);
  const weights = gaussian
    ? gaussianWeights(options.tileSize)
    : new Float32Array(tileVoxels).fill(1);
  const tile = new Float32Array(channels * tileVoxels);
  const mean = new Float32Array(heads * tileVoxels);
  const voxels = sizeOf(size);
  const total = new Float32Array(voxels);
  const logits = new Float32Array(heads * voxels);
  const passes = origins.length * flips.length;
  let done = 0;

  for (const origin of origins) {
    const start = origin.map((position, axis) => position - before[axis]) as unknown as Zyx;
    mean.fill(0);
    for (const flip of flips) {
      signal?.throwIfAborted();
      tile.fill(0);
      const rows = boxRows(size as unknown as Zyx, tileSize, start, flip);
      for (let c = 0; c < channels; c++) {
        const [from, to] = [c * voxels, c * tileVoxels];
        for (const { outside, inside, length, step } of rows) {
          for (let i = 0; i < length; i++) {
            tile[to + inside + i * step] = volume.data[from + outside + i];
          }
        }
      }
      const shape = [channels, ...options.tileSize];
      const result = await predict({ shape, data: tile });
      addFlipped(mean, result, tileSize, flip, heads);
      onProgress?.(++done, passes);
    }
    // Weighted by the number of mirrorings too: the sum of weights is divided by the same.
    for (
      const { outside, inside, length } of boxRows(size as unknown as Zyx, tileSize, start, [])
    ) {
      for (let i = 0; i < length; i++) total[outside + i] += weights[inside + i] * flips.length;
      for (let head = 0; head < heads; head++) {
        const [from, to] = [head * tileVoxels + inside, head * voxels + outside];
        for (let i = 0; i < length; i++) logits[to + i] += mean[from + i] * weights[inside + i];
      }
    }
  }
  for (let head = 0; head < heads; head++) {
    const plane = logits.subarray(head * voxels, (head + 1) * voxels);
    for (let i = 0; i < voxels; i++) plane[i] /= total[i];
  }
  return { shape: [heads, ...size], data: logits };
}

/** A run of voxels along x that a box shares with a volume. */
interface BoxRow {
  /** First voxel in the volume. */
  readonly outside: number;
  /** The same voxel in the box. */
  readonly inside: number;
  readonly length: number;
  /** 1, or −1 where the box is mirrored along x. */
  readonly step: 1 | -1;
}

/** The part of a (possibly mirrored) box that lies in a volume, row by row. */
function boxRows(volume: Zyx, box: Zyx, start: Zyx, flip: readonly number[]): BoxRow[] {
  const [first, last] = [0, 1].map((end) =>
    volume.map((n, axis) =>
      end === 0 ? Math.max(0, start[axis]) : Math.min(n, start[axis] + box[axis])
    )
  );
  const place = (position: number, axis: number) => {
    const offset = position - start[axis];
    return flip.includes(axis) ? box[axis] - 1 - offset : offset;
  };
  const rows: BoxRow[] = [];
  for (let z = first[0]; z < last[0]; z++) {
    for (let y = first[1]; y < last[1]; y++) {
      rows.push({
        outside: (z * volume[1] + y) * volume[2] + first[2],
        inside: (place(z, 0) * box[1] + place(y, 1)) * box[2] + place(first[2], 2),
        length: last[2] - first[2],
        step: flip.includes(2) ? -1 : 1,
      });
    }
  }
  return rows;
}

/** Adds logits of a mirrored tile to those of the tile itself. */
function addFlipped(
  sum: Float32Array,
  mirrored: Float32Array,
  size: Zyx,
  flip: readonly number[],
  heads: number,
) {
  const rows = boxRows(size, size, [0, 0, 0], flip);
  const voxels = sizeOf(size);
  for (let head = 0; head < heads; head++) {
    const base = head * voxels;
    for (const { outside, inside, length, step } of rows) {
      for (let i = 0; i < length; i++) {
        sum[base + outside + i] += mirrored[base + inside + i * step];
      }
    }
  }
}
