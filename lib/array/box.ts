/** Boxes of voxels. */

import { type Zyx, zyx } from "./nd_array.ts";

/** A box of voxels, which may extend beyond the volume. */
export interface Box {
  /** First voxel, (z, y, x). */
  readonly origin: Zyx;
  /** Voxels per axis, (z, y, x). */
  readonly size: Zyx;
}

/** Whether a box is within a volume of shape (z, y, x). */
export function isWithin({ origin, size }: Box, shape: Zyx): boolean {
  return origin.every((first, axis) => first >= 0 && first + size[axis] <= shape[axis]);
}

/**
 * Returns the box of a given size at the centre of a volume.
 *
 * Like upstream's `crop_tensor`, it aligns the middle voxels, both rounded down.
 */
export function centredBox(shape: Zyx, size: Zyx): Box {
  const originOf = (axis: 0 | 1 | 2) => Math.floor(shape[axis] / 2) - Math.floor(size[axis] / 2);
  return { origin: [originOf(0), originOf(1), originOf(2)], size };
}

/** A box within a volume as first voxel and the one after the last, (z, y, x). */
export type Bounds = Zyx<readonly [begin: number, end: number]>;

/** Returns the number of voxels per axis between bounds, (z, y, x). */
export function extentsOf(bounds: Bounds): Zyx {
  return zyx(bounds.map(([begin, end]) => end - begin));
}
