/** Puts a part of a volume back into its place. */

import type { Bounds } from "./box.ts";
import type { Labels } from "./labels.ts";
import { sizeOf, type Zyx } from "./nd_array.ts";

/**
 * A volume with a box of it filled.
 *
 * @param data The box's elements, (z, y, x).
 * @param bounds Where they belong in the volume.
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
  const [z, y, x] = bounds;
  const [, height, width] = shape;
  const length = x[1] - x[0];
  const volume = new (data.constructor as new (length: number) => T)(sizeOf(shape));
  if (outside !== 0) volume.fill(outside);
  let row = 0;
  for (let slice = z[0]; slice < z[1]; slice++) {
    for (let line = y[0]; line < y[1]; line++, row += length) {
      volume.set(data.subarray(row, row + length), (slice * height + line) * width + x[0]);
    }
  }
  return volume;
}
