/** Copies boxes out of volumes, padding where they extend beyond the border. */

import { copyBox } from "../simd/copy_box.ts";
import { scratchLike } from "../simd/scratch.ts";
import type { Box } from "./box.ts";
import type { TypedArray, Zyx } from "./nd_array.ts";

/** Minimum length of a row for which one call per row is faster than copying blocks. */
const LONG_ROW = 256;
/** Like LONG_ROW, for rows that move within one array and need no views. */
const LONG_ROW_WITHIN = 96;
/** Elements copied per block to extract rows from; a block stays in a cache. */
const BLOCK = 32768;
/** Maximum ratio of copied to needed elements when copying blocks. */
const SPARSE_ROWS = 4;

/**
 * Copies a box out of a volume.
 *
 * @param source The volume's voxels in C order, starting at `sourceOffset`.
 * @param shape The volume's shape, (z, y, x).
 * @param fill Value of voxels outside the volume.
 * @param target Receives `box.size` voxels, starting at `targetOffset`. It may be the source itself if
 * the box is within the volume and no voxel moves to a higher index.
 */
export function cropOrPad(
  source: TypedArray,
  shape: Zyx,
  { origin, size }: Box,
  fill: number,
  target: TypedArray,
  { sourceOffset = 0, targetOffset = 0 } = {},
) {
  const begin = origin.map((first) => Math.max(0, first));
  const end = origin.map((first, axis) => Math.min(shape[axis], first + size[axis]));
  const inside = begin.every((first, axis) => end[axis] - first === size[axis]);
  if (!inside) target.fill(fill, targetOffset, targetOffset + size[0] * size[1] * size[2]);
  if (begin.some((first, axis) => first >= end[axis])) return;
  const rows: Rows = {
    planes: end[0] - begin[0],
    rows: end[1] - begin[1],
    count: end[2] - begin[2],
    from: sourceOffset + (begin[0] * shape[1] + begin[1]) * shape[2] + begin[2],
    fromRow: shape[2],
    fromPlane: shape[1] * shape[2],
    to: targetOffset + ((begin[0] - origin[0]) * size[1] + begin[1] - origin[1]) * size[2] +
      begin[2] - origin[2],
    toRow: size[2],
    toPlane: size[1] * size[2],
  };
  const isAlike = source.constructor === target.constructor;
  const isMove = isAlike && source.buffer === target.buffer;
  if (rows.count >= (isMove ? LONG_ROW_WITHIN : LONG_ROW)) {
    // Both may be views of the same memory; `ahead` is the target's offset from the source.
    const ahead = (target.byteOffset - source.byteOffset) / source.BYTES_PER_ELEMENT;
    forEachRow(rows, (from, to) => {
      if (isMove) source.copyWithin(to + ahead, from, from + rows.count);
      else target.set(source.subarray(from, from + rows.count), to);
    });
  } else if (isAlike && inside && rows.fromRow <= SPARSE_ROWS * rows.count) {
    copyBlocks(source, target, rows);
  } else if (source instanceof Float32Array && target instanceof Float32Array) {
    copyFloats(source, target, rows);
  } else copyLabels(source, target, rows);
}

/** Rows to copy: start indices, and steps to the next row and plane. */
interface Rows {
  readonly planes: number;
  readonly rows: number;
  /** Elements of a row. */
  readonly count: number;
  readonly from: number;
  readonly fromRow: number;
  readonly fromPlane: number;
  readonly to: number;
  readonly toRow: number;
  readonly toPlane: number;
}

function forEachRow(
  { planes, rows, from, fromRow, fromPlane, to, toRow, toPlane }: Rows,
  act: (from: number, to: number) => void,
) {
  for (let z = 0; z < planes; z++) {
    for (let y = 0; y < rows; y++) {
      act(from + z * fromPlane + y * fromRow, to + z * toPlane + y * toRow);
    }
  }
}

/** Copies short rows that are contiguous in the target, by way of blocks in scratch memory. */
function copyBlocks(source: TypedArray, target: TypedArray, rows: Rows) {
  const { planes, rows: height, count, fromRow, fromPlane, toPlane } = rows;
  const together = Math.min(planes, Math.max(1, Math.floor(BLOCK / fromPlane)));
  const extent = (depth: number) => (depth - 1) * fromPlane + (height - 1) * fromRow + count;
  const [block, box] = scratchLike(source, extent(together), together * toPlane);
  for (let z = 0; z < planes; z += together) {
    const depth = Math.min(together, planes - z);
    const from = rows.from + z * fromPlane;
    block.set(source.subarray(from, from + extent(depth)));
    copyBox(
      { array: block, from: 0, planeStep: fromPlane, rowStep: fromRow },
      { array: box, from: 0, planeStep: toPlane, rowStep: count },
      [depth, height, count],
    );
    target.set(box.subarray(0, depth * toPlane), rows.to + z * toPlane);
  }
}

// The two functions are identical because one shared by all types is megamorphic and four times
// slower. They contain the loops over rows because a call per row costs as much as a short row.

function copyFloats(
  source: Float32Array,
  target: Float32Array,
  { planes, rows, count, from, fromRow, fromPlane, to, toRow, toPlane }: Rows,
) {
  for (let z = 0; z < planes; z++) {
    for (let y = 0; y < rows; y++) {
      const first = from + z * fromPlane + y * fromRow, place = to + z * toPlane + y * toRow;
      for (let i = 0; i < count; i++) target[place + i] = source[first + i];
    }
  }
}

function copyLabels(
  source: TypedArray,
  target: TypedArray,
  { planes, rows, count, from, fromRow, fromPlane, to, toRow, toPlane }: Rows,
) {
  for (let z = 0; z < planes; z++) {
    for (let y = 0; y < rows; y++) {
      const first = from + z * fromPlane + y * fromRow, place = to + z * toPlane + y * toRow;
      for (let i = 0; i < count; i++) target[place + i] = source[first + i];
    }
  }
}
