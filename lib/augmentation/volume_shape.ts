/** Treats slices as volumes of depth 1, so that one loop serves 2D and 3D patches. */

import { type Shape, type Zyx, zyx } from "../array/nd_array.ts";

/**
 * Returns (z, y, x) unchanged, and (y, x) as (1, y, x).
 *
 * @throws {RangeError} For any other number of axes.
 */
export function asVolumeShape(spatialShape: Shape): Zyx {
  if (spatialShape.length === 3) return zyx(spatialShape);
  if (spatialShape.length === 2) return [1, spatialShape[0], spatialShape[1]];
  throw new RangeError(`Cannot use shape [${spatialShape}]: expected 2 or 3 spatial axes`);
}
