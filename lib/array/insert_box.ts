/** Inserts a box into an otherwise constant volume. */

import { type Bounds, type Box, extentsOf } from "./box.ts";
import type { Labels } from "./labels.ts";
import { sizeOf, type Zyx, zyx } from "./nd_array.ts";

/**
 * Creates a volume that is constant except for a box.
 *
 * @param data The box's elements, (z, y, x).
 * @param bounds The box's position in the volume.
 * @param shape The volume's shape, (z, y, x).
 * @param outside Value of the voxels outside the box, 0 by default.
 * @returns The volume's elements, (z, y, x), of the same type as the box's.
 */
export function insertBox<T extends Labels | Float32Array>(
  data: T,
  bounds: Bounds,
  shape: Zyx,
  outside = 0,
): T {
  const volume = new (data.constructor as new (length: number) => T)(sizeOf(shape));
  if (outside !== 0) volume.fill(outside);
  const origin = zyx(bounds.map(([begin]) => begin));
  writeBox(data, { origin, size: extentsOf(bounds) }, volume, shape);
  return volume;
}

/**
 * Fills a box of a volume, row by row.
 *
 * @param data The box's elements, (z, y, x).
 * @param box The box, which must be within the volume.
 * @param volume The volume's elements, (z, y, x).
 * @param shape The volume's shape, (z, y, x).
 */
export function writeBox<T extends Labels | Float32Array>(
  data: T,
  { origin, size: [depth, rows, length] }: Box,
  volume: T,
  [, height, width]: Zyx,
): void {
  for (let z = 0, from = 0; z < depth; z++) {
    for (let y = 0; y < rows; y++, from += length) {
      const to = ((origin[0] + z) * height + origin[1] + y) * width + origin[2];
      volume.set(data.subarray(from, from + length), to);
    }
  }
}
