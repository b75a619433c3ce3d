/** Finds the smallest and largest value of a volume or of each of its slices. */

import { type NdArray, sizeOf } from "../array/nd_array.ts";

/** Smallest and largest value of each slice, in slice order. */
export interface ValueRange {
  readonly low: Float32Array<ArrayBuffer>;
  readonly high: Float32Array<ArrayBuffer>;
}

/**
 * The range of each slice along an axis, or of the whole volume as a single slice.
 *
 * @param axis Axis perpendicular to the slices; by default the volume is not divided.
 */
export function valueRange({ shape, data }: NdArray, axis?: number): ValueRange {
  const slices = axis === undefined ? 1 : shape[axis];
  const low = new Float32Array(slices).fill(Infinity);
  const high = new Float32Array(slices).fill(-Infinity);
  // Length of a contiguous run within one slice; 1 along the last axis.
  const length = axis === undefined ? data.length : sizeOf(shape.slice(axis + 1));
  for (let begin = 0, run = 0; begin < data.length; begin += length, run++) {
    const slice = run % slices;
    let smallest = low[slice];
    let largest = high[slice];
    for (let i = begin; i < begin + length; i++) {
      const value = data[i];
      if (value < smallest) smallest = value;
      if (value > largest) largest = value;
    }
    low[slice] = smallest;
    high[slice] = largest;
  }
  return { low, high };
}
