/** Source voxels and weights for resizing an axis by linear interpolation. */

import { nearestIndex, resizedCoordinate } from "./resize_matrix.ts";

/** For each target voxel, two source voxels and their weights, which add up to 1. */
export interface LinearTaps {
  readonly first: Int32Array<ArrayBuffer>;
  readonly second: Int32Array<ArrayBuffer>;
  readonly firstWeight: Float64Array<ArrayBuffer>;
  readonly secondWeight: Float64Array<ArrayBuffer>;
}

/**
 * Returns the taps for resizing an axis from `from` to `to` voxels, linearly or (order 0) by the
 * nearest voxel.
 *
 * Weights are rounded exactly as by SciPy, so that sums that tie there also tie here.
 */
export function linearTaps(from: number, to: number, order: 0 | 1): LinearTaps {
  const first = new Int32Array(to);
  const second = new Int32Array(to);
  const firstWeight = new Float64Array(to);
  const secondWeight = new Float64Array(to);
  for (let i = 0; i < to; i++) {
    const coordinate = Math.min(Math.max(resizedCoordinate(i, from, to), 0), from - 1);
    first[i] = order === 0 ? nearestIndex(coordinate, from) : Math.floor(coordinate);
    second[i] = order === 0 ? first[i] : Math.min(first[i] + 1, from - 1);
    firstWeight[i] = order === 0 ? 1 : 1 - (coordinate - first[i]);
    secondWeight[i] = 1 - firstWeight[i];
  }
  return { first, second, firstWeight, secondWeight };
}
