/** Puts a part of a volume back into its place. */

import { sizeOf, type Zyx } from "./nd_array.ts";

/**
 * A volume of zeros with a box of it filled.
 *
 * @param data The box's elements, (z, y, x).
 * @param box First voxel and the one after the last, per axis.
 * @param shape Of the volume.
 */
export function insertBox<T extends Uint8Array | Uint16Array>(
  data: T,
  box: readonly (readonly [begin: number, end: number])[],
  shape: Zyx,
): T {
  const [z, y, x] = box;
  const [, height, width] = shape;
  const length = x[1] - x[0];
  const volume = new (data.constructor as new (length: number) => T)(sizeOf(shape));
  let row = 0;
  for (let slice = z[0]; slice < z[1]; slice++) {
    for (let line = y[0]; line < y[1]; line++, row += length) {
      volume.set(data.subarray(row, row + length), (slice * height + line) * width + x[0]);
    }
  }
  return volume;
}
