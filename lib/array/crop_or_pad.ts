/** Cuts boxes out of volumes, also where they extend past the border. */

import { copyBox } from "../simd/copy_box.ts";
import { scratchLike } from "../simd/scratch.ts";
import type { Box } from "./box.ts";
import type { TypedArray, Zyx } from "./nd_array.ts";

/** Elements from which on a row is copied faster by a call than with others. */
const LONG_ROW = 256;
/** The same for a row that moves within one array, for which no view has to be made. */
const LONG_ROW_WITHIN = 96;
/** Elements that are copied together to take rows out of them: they stay in a cache. */
const BLOCK = 32768;
/** How much more is then copied than is wanted, at most. */
const SPARSE_ROWS = 4;

/**
 * Copies a box of one volume.
 *
 * @param source The volume's voxels, in C order; other volumes may follow (see `sourceOffset`).
 * @param shape The volume's shape, (z, y, x).
 * @param fill Value of voxels outside the volume.
 * @param target Receives `box.size` voxels from `targetOffset` on. It may be the source itself, if
 * the box lies within and no voxel moves to a higher index.
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
    // Both may be views of the same memory: how far the target's begins after the source's.
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

/** Rows to copy: from where to where, and how far it is to the next row and plane. */
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

/** Copies short rows that lie one after the other in the target, with what is between them. */
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

// Two functions alike: one for all types would be compiled for none, and take four times as long. The
// loops over rows are in them, since a call a row costs as much as a short row.

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
