/**
 * Prediction of a whole volume by overlapping tiles.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/inference/sliding_window_prediction.py
 */

import { type NdArray, type Shape, sizeOf, type Zyx, zyx } from "../../array/nd_array.ts";
import { type Cell, cellsOf, stretchesOf } from "./cells.ts";
import { CellStore } from "./cell_store.ts";
import { gaussianWeights } from "../gaussian.ts";
import { mirrorings } from "../../model/mirroring.ts";
import { tileOrigins, tileStarts } from "../tiles.ts";

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
  /** Bytes of unfinished sums to hold in memory, {@link CELL_BUDGET} by default. */
  readonly cellBudget?: number;
  /** Spatial axes of the tile to average over both directions of; none by default. */
  readonly mirrorAxes?: readonly number[];
  /** Called after each pass of the network. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Checked between passes. */
  readonly signal?: Pick<AbortSignal, "throwIfAborted">;
}

/**
 * Takes a part of the logits that is final, (heads, …cell); parts come the last axis fastest, and
 * the next when the visitor is done.
 */
export type CellVisitor = (
  cell: Cell,
  logits: Float32Array<ArrayBuffer>,
) => void | Promise<void>;

/** Bytes of unfinished sums to hold in memory; more lie in a file until they are needed. */
export const CELL_BUDGET = 1.2e9;

/**
 * Logits of a volume, all at once; see {@link forEachFinalCell}.
 *
 * @param volume (c, z, y, x)
 * @returns (heads, z, y, x)
 */
export async function slidingWindow(
  volume: NdArray<Float32Array<ArrayBuffer>>,
  predict: TilePredictor,
  options: SlidingWindowOptions,
): Promise<NdArray<Float32Array<ArrayBuffer>>> {
  const { heads } = options;
  const [, depth, height, width] = volume.shape;
  const logits = new Float32Array(heads * depth * height * width);
  await forEachFinalCell(volume, predict, options, ({ origin, size }, values) => {
    let from = 0;
    for (let head = 0; head < heads; head++) {
      for (let z = 0; z < size[0]; z++) {
        for (let y = 0; y < size[1]; y++, from += size[2]) {
          const row = ((head * depth + origin[0] + z) * height + origin[1] + y) * width;
          logits.set(values.subarray(from, from + size[2]), row + origin[2]);
        }
      }
    }
  });
  return { shape: [heads, depth, height, width], data: logits };
}

/**
 * Logits of a volume, part by part: the Gaussian-weighted mean of all tiles' logits, each the mean
 * over all mirrorings. A part is handed out as soon as no later tile adds to it.
 *
 * @param volume (c, z, y, x)
 */
export async function forEachFinalCell(
  volume: NdArray<Float32Array<ArrayBuffer>>,
  predict: TilePredictor,
  options: SlidingWindowOptions,
  visit: CellVisitor,
): Promise<void> {
  const { heads, mirrorAxes = [], gaussian = true, onProgress, signal } = options;
  const [channels, ...extents] = volume.shape;
  const size = zyx(extents);
  const slicewise = options.tileSize.length === 2;
  const flips = mirrorings(slicewise ? mirrorAxes.map((axis) => axis + 1) : mirrorAxes);
  const { tileSize, starts, cells } = layOut(size, options);
  const order = tileOrigins(starts.map((each) => [...each.keys()]));

  const tileVoxels = sizeOf(tileSize);
  const weights = gaussian
    ? gaussianWeights(options.tileSize)
    : new Float32Array(tileVoxels).fill(1);
  const tile = new Float32Array(channels * tileVoxels);
  // Without mirroring, what the network gives is added at once.
  const mean = flips.length > 1 ? new Float32Array(heads * tileVoxels) : undefined;
  const voxels = sizeOf(size);
  const passes = order.length * flips.length;
  let done = 0;
  /** One more value a voxel than heads: the sum of weights. */
  const lengthOf = (cell: Cell) => (heads + 1) * sizeOf(cell.size);
  using store = new CellStore(options.cellBudget ?? CELL_BUDGET);

  const placeOf = ([z, y, x]: readonly number[]) =>
    (z * starts[1].length + y) * starts[2].length + x;
  let next = 0;

  for (const tileIndex of order) {
    const start = zyx(tileIndex.map((i, axis) => starts[axis][i]));
    let sum: Float32Array | undefined = mean?.fill(0);
    for (const flip of flips) {
      signal?.throwIfAborted();
      tile.fill(0);
      const rows = boxRows(size, tileSize, start, flip);
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
      if (mean) addFlipped(mean, result, tileSize, flip, heads);
      else sum = result;
      onProgress?.(++done, passes);
    }
    const covered = cells.filter((cell) => overlaps(cell, start, tileSize));
    const pinned = new Set(covered.map(({ index }) => index));
    for (const cell of covered) {
      const sums = store.use(cell.index, lengthOf(cell), pinned);
      addTile(sums, cell, sum!, weights, flips.length, { start, tileSize, heads });
    }
    // In order, though some cells are final before those they come after.
    for (; next < cells.length && placeOf(cells[next].lastTile) <= placeOf(tileIndex); next++) {
      await visit(cells[next], divided(store.take(next, lengthOf(cells[next])), heads));
    }
  }
}

/** Where tiles stand, and the cells they cut the volume into, the last axis fastest. */
export function layOut(
  size: Zyx,
  { tileSize: planned, stepSize = 0.5 }: Pick<SlidingWindowOptions, "tileSize" | "stepSize">,
): { readonly tileSize: Zyx; readonly starts: number[][]; readonly cells: Cell[] } {
  const slicewise = planned.length === 2;
  const tileSize = zyx(slicewise ? [1, ...planned] : planned);
  // A volume smaller than the tile is seen with zeros around it.
  const missing = size.map((n, axis) => Math.max(0, tileSize[axis] - n));
  const padded = size.map((n, axis) => n + missing[axis]);
  const places = slicewise
    ? [
      Array.from({ length: size[0] }, (_, z) => z),
      ...tileStarts(padded.slice(1), planned, stepSize),
    ]
    : tileStarts(padded, tileSize, stepSize);
  const starts = places.map((axis, i) =>
    axis.map((position) => position - Math.floor(missing[i] / 2))
  );
  const [z, y, x] = starts.map((axis, i) => stretchesOf(axis, tileSize[i], size[i]));
  return { tileSize, starts, cells: cellsOf([z, y, x]) };
}

function overlaps({ origin, size }: Cell, start: Zyx, tileSize: Zyx): boolean {
  return origin.every((position, axis) =>
    position >= start[axis] && position + size[axis] <= start[axis] + tileSize[axis]
  );
}

/** Adds the part of a tile that lies in a cell, weighted, and its weights. */
function addTile(
  sums: Float32Array,
  { origin, size }: Cell,
  tile: Float32Array,
  weights: Float32Array,
  views: number,
  { start, tileSize, heads }: {
    readonly start: Zyx;
    readonly tileSize: Zyx;
    readonly heads: number;
  },
) {
  const tileVoxels = sizeOf(tileSize);
  const cellVoxels = sizeOf(size);
  for (let z = 0, to = 0; z < size[0]; z++) {
    for (let y = 0; y < size[1]; y++, to += size[2]) {
      const from = ((origin[0] - start[0] + z) * tileSize[1] + origin[1] - start[1] + y) *
          tileSize[2] + origin[2] - start[2];
      // Weighted by the number of mirrorings too: the sum of weights is divided by the same.
      const total = heads * cellVoxels + to;
      for (let i = 0; i < size[2]; i++) sums[total + i] += weights[from + i] * views;
      for (let head = 0; head < heads; head++) {
        const [source, target] = [head * tileVoxels + from, head * cellVoxels + to];
        for (let i = 0; i < size[2]; i++) {
          sums[target + i] += tile[source + i] * weights[from + i];
        }
      }
    }
  }
}

/** Divides sums by the weights behind them. */
function divided(sums: Float32Array<ArrayBuffer>, heads: number): Float32Array<ArrayBuffer> {
  const voxels = sums.length / (heads + 1);
  const total = sums.subarray(heads * voxels);
  for (let head = 0; head < heads; head++) {
    const values = sums.subarray(head * voxels, (head + 1) * voxels);
    for (let i = 0; i < voxels; i++) values[i] /= total[i];
  }
  return sums.subarray(0, heads * voxels);
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
