/** Predicts a volume's logits cell by cell from the logits of tiles. */

import { type NdArray, sizeOf, type Zyx, zyx } from "../../array/nd_array.ts";
import { gaussianWeights } from "../gaussian.ts";
import type { SlidingWindowOptions, SlidingWindowRun } from "../sliding_window.ts";
import { placeTiles, tileOrigins, viewsOf } from "../tiles.ts";
import { CELL_BUDGET, CellStore } from "./cell_store.ts";
import { type Cell, cellsOf, segmentAxis } from "./cells.ts";

/**
 * Predicts one tile.
 *
 * @param tile (c, …tile); overwritten by the next call.
 * @returns Logits, (heads, …tile); may be overwritten by the next call.
 */
export type TilePredictor = (
  tile: NdArray<Float32Array<ArrayBuffer>>,
) => Promise<Float32Array>;

/**
 * Receives a cell's final logits, (heads, …cell). Cells come in order, the last axis fastest, each
 * once the visitor has returned.
 */
export type CellVisitor = (
  cell: Cell,
  logits: Float32Array<ArrayBuffer>,
) => void | Promise<void>;

/**
 * Predicts a volume tile by tile: the weighted mean of all tiles' logits, each the mean over all
 * mirrored views. A cell is passed to the visitor as soon as no later tile adds to it.
 *
 * @param volume (c, z, y, x)
 * @param predict Predicts one tile.
 * @param options.cellBudget Bytes of unfinished sums to hold in memory, {@link CELL_BUDGET} by
 * default; the rest is in a file until it is needed.
 * @param options.onProgress Called after each call of `predict`.
 * @param visit Receives the cells.
 * @throws What the signal, `predict` or `visit` throws.
 */
export async function predictCells(
  volume: NdArray<Float32Array<ArrayBuffer>>,
  predict: TilePredictor,
  options: SlidingWindowOptions & SlidingWindowRun & { readonly cellBudget?: number },
  visit: CellVisitor,
): Promise<void> {
  const { heads, mirrorAxes = [], gaussian = true, onProgress, signal } = options;
  const [channels, ...extents] = volume.shape;
  const size = zyx(extents);
  const flips = viewsOf(options.tileSize, mirrorAxes);
  const { tileSize, starts, cells } = layOut(size, options);
  const order = tileOrigins(starts.map((each) => [...each.keys()]));

  const tileVoxels = sizeOf(tileSize);
  const weights = gaussian
    ? gaussianWeights(options.tileSize)
    : new Float32Array(tileVoxels).fill(1);
  const tile = new Float32Array(channels * tileVoxels);
  // Without mirroring, the network's logits are added to the cells directly.
  const viewSum = flips.length > 1 ? new Float32Array(heads * tileVoxels) : undefined;
  const voxels = sizeOf(size);
  const passes = order.length * flips.length;
  let done = 0;
  /** Number of values of a cell: for each voxel one sum per head, and the sum of weights. */
  const lengthOf = (cell: Cell) => (heads + 1) * sizeOf(cell.size);
  using store = new CellStore(options.cellBudget ?? CELL_BUDGET);

  const orderOf = ([z, y, x]: readonly number[]) =>
    (z * starts[1].length + y) * starts[2].length + x;
  let next = 0;

  for (const tileIndex of order) {
    const start = zyx(tileIndex.map((i, axis) => starts[axis][i]));
    let sum: Float32Array | undefined = viewSum?.fill(0);
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
      if (viewSum) addFlipped(viewSum, result, tileSize, flip, heads);
      else sum = result;
      onProgress?.(++done, passes);
    }
    const covered = cells.filter((cell) => overlaps(cell, start, tileSize));
    const pinned = new Set(covered.map(({ index }) => index));
    for (const cell of covered) {
      const sums = store.use(cell.index, lengthOf(cell), pinned);
      addTile(sums, cell, sum!, weights, flips.length, { start, tileSize, heads });
    }
    // Cells are visited in order, though some are final before cells that precede them.
    for (; next < cells.length && orderOf(cells[next].lastTile) <= orderOf(tileIndex); next++) {
      await visit(cells[next], divided(store.take(next, lengthOf(cells[next])), heads));
    }
  }
}

/** Places a volume's tiles and divides the volume into cells, the last axis fastest. */
export function layOut(
  size: Zyx,
  { tileSize: planned, stepSize }: Pick<SlidingWindowOptions, "tileSize" | "stepSize">,
): { readonly tileSize: Zyx; readonly starts: Zyx<readonly number[]>; readonly cells: Cell[] } {
  const { tileSize, starts: padded, before } = placeTiles(size, planned, stepSize);
  const starts = zyx(padded.map((axis, i) => axis.map((start) => start - before[i])));
  const segments = starts.map((axis, i) => segmentAxis(axis, tileSize[i], size[i]));
  return { tileSize, starts, cells: cellsOf(zyx(segments)) };
}

function overlaps({ origin, size }: Cell, start: Zyx, tileSize: Zyx): boolean {
  return origin.every((position, axis) =>
    position >= start[axis] && position + size[axis] <= start[axis] + tileSize[axis]
  );
}

/** Adds the weighted logits of a tile's part in a cell, and their weights, to the cell's sums. */
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
      // Counts every view, as the tile's logits are a sum over views.
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

/** Divides sums of logits by the sum of weights, which follows them, in place. */
function divided(sums: Float32Array<ArrayBuffer>, heads: number): Float32Array<ArrayBuffer> {
  const voxels = sums.length / (heads + 1);
  const total = sums.subarray(heads * voxels);
  for (let head = 0; head < heads; head++) {
    const values = sums.subarray(head * voxels, (head + 1) * voxels);
    for (let i = 0; i < voxels; i++) values[i] /= total[i];
  }
  return sums.subarray(0, heads * voxels);
}

/** A row of voxels along x that a box shares with a volume. */
interface BoxRow {
  /** Index of the first voxel in the volume. */
  readonly outside: number;
  /** Index of the same voxel in the box. */
  readonly inside: number;
  readonly length: number;
  /** 1, or −1 where the box is mirrored along x. */
  readonly step: 1 | -1;
}

/** Lists the rows that a box, which may be mirrored, shares with a volume. */
function boxRows(volume: Zyx, box: Zyx, start: Zyx, flip: readonly number[]): BoxRow[] {
  const [first, last] = [0, 1].map((end) =>
    volume.map((n, axis) =>
      end === 0 ? Math.max(0, start[axis]) : Math.min(n, start[axis] + box[axis])
    )
  );
  const indexInBox = (position: number, axis: number) => {
    const offset = position - start[axis];
    return flip.includes(axis) ? box[axis] - 1 - offset : offset;
  };
  const rows: BoxRow[] = [];
  for (let z = first[0]; z < last[0]; z++) {
    for (let y = first[1]; y < last[1]; y++) {
      rows.push({
        outside: (z * volume[1] + y) * volume[2] + first[2],
        inside: (indexInBox(z, 0) * box[1] + indexInBox(y, 1)) * box[2] + indexInBox(first[2], 2),
        length: last[2] - first[2],
        step: flip.includes(2) ? -1 : 1,
      });
    }
  }
  return rows;
}

/** Adds the logits of a mirrored view, mirrored back. */
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
