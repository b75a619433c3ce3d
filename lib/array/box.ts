/** Boxes of voxels. */

import { type Zyx, zyx } from "./nd_array.ts";

/** A box of voxels, which may begin before the volume and end after it. */
export interface Box {
  /** First voxel, (z, y, x). */
  readonly origin: Zyx;
  /** Voxels per axis, (z, y, x). */
  readonly size: Zyx;
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

/** The same of a box within a volume: the first voxel and the one after the last, (z, y, x). */
export type Bounds = Zyx<readonly [begin: number, end: number]>;

/** Voxels per axis between bounds, (z, y, x). */
export function extentsOf(bounds: Bounds): Zyx {
  return zyx(bounds.map(([begin, end]) => end - begin));
}
