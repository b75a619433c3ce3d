/** Cutting boxes out of volumes, also where they reach past the border. */

import type { TypedArray, Zyx } from "./nd_array.ts";

/** Elements from which on a row is copied faster by a call than by a loop. */
const LONG_ROW = 256;
/** The same for a row that moves within one array, for which no view has to be made. */
const LONG_ROW_WITHIN = 96;

/** A box of voxels; it may begin before the volume and end after it. */
export interface Box {
  /** First voxel, (z, y, x). */
  readonly origin: Zyx;
  /** Voxels per axis, (z, y, x). */
  readonly size: Zyx;
}

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
  // Both may be views of the same memory: how far the target's begins after the source's.
  const isMove = source.buffer === target.buffer && source.constructor === target.constructor;
  const ahead = isMove ? (target.byteOffset - source.byteOffset) / source.BYTES_PER_ELEMENT : 0;
  for (let z = begin[0]; z < end[0]; z++) {
    for (let y = begin[1]; y < end[1]; y++) {
      const row = sourceOffset + (z * shape[1] + y) * shape[2];
      const targetRow = targetOffset + ((z - origin[0]) * size[1] + y - origin[1]) * size[2];
      const from = row + begin[2], to = targetRow + begin[2] - origin[2];
      const count = end[2] - begin[2];
      if (isMove && count >= LONG_ROW_WITHIN) source.copyWithin(to + ahead, from, from + count);
      else if (count >= LONG_ROW) target.set(source.subarray(from, from + count), to);
      else if (source instanceof Float32Array && target instanceof Float32Array) {
        copyFloats(source, from, target, to, count);
      } else copyLabels(source, from, target, to, count);
    }
  }
}

// Two loops alike: one for all types would be compiled for none, and take four times as long. Four
// elements a turn, in rising order, as a move within one array needs it.

function copyFloats(
  source: Float32Array,
  from: number,
  target: Float32Array,
  to: number,
  count: number,
) {
  const whole = count & ~3;
  for (let i = 0; i < whole; i += 4) {
    target[to + i] = source[from + i];
    target[to + i + 1] = source[from + i + 1];
    target[to + i + 2] = source[from + i + 2];
    target[to + i + 3] = source[from + i + 3];
  }
  for (let i = whole; i < count; i++) target[to + i] = source[from + i];
}

function copyLabels(
  source: TypedArray,
  from: number,
  target: TypedArray,
  to: number,
  count: number,
) {
  const whole = count & ~3;
  for (let i = 0; i < whole; i += 4) {
    target[to + i] = source[from + i];
    target[to + i + 1] = source[from + i + 1];
    target[to + i + 2] = source[from + i + 2];
    target[to + i + 3] = source[from + i + 3];
  }
  for (let i = whole; i < count; i++) target[to + i] = source[from + i];
}

/** Whether a box lies within a volume. */
export function isWithin({ origin, size }: Box, shape: Zyx): boolean {
  return origin.every((first, axis) => first >= 0 && first + size[axis] <= shape[axis]);
}

/**
 * The box of a given size in the middle of a volume.
 *
 * Odd differences are settled as by upstream's `crop_tensor`: middle voxel on middle voxel, both
 * rounded down.
 */
export function centredBox(shape: Zyx, size: Zyx): Box {
  const originOf = (axis: 0 | 1 | 2) => Math.floor(shape[axis] / 2) - Math.floor(size[axis] / 2);
  return { origin: [originOf(0), originOf(1), originOf(2)], size };
}
