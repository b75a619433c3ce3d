/** The two voxels of an axis that a resized voxel lies between. */

import { nearestIndex, resizedCoordinate } from "./resize_matrix.ts";

/** Per new voxel two old ones and their weights, which add up to 1. */
export interface LinearTaps {
  readonly first: Int32Array<ArrayBuffer>;
  readonly second: Int32Array<ArrayBuffer>;
  readonly firstWeight: Float64Array<ArrayBuffer>;
  readonly secondWeight: Float64Array<ArrayBuffer>;
}

/**
 * Linear interpolation from `from` to `to` voxels, or with order 0 the nearest voxel alone.
 *
 * Weights are rounded exactly as SciPy rounds them, so that sums which tie there tie here.
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
