/** How much memory preprocessing a case takes at most, and how many cases fit at once. */

import { type Shape, sizeOf } from "../array/nd_array.ts";

/** A worker with ONNX Runtime in it, before it sees a case. */
const WORKER_BYTES = 64e6;

/**
 * Peak memory of one case in bytes, about: what was measured lies up to a third below.
 *
 * @param channels Of the whole case.
 * @param shape Of the scan, before cropping.
 * @param resampledShape Of the scan on the plan's grid, as if nothing were cropped.
 */
export function peakBytes(channels: number, shape: Shape, resampledShape: Shape): number {
  const before = sizeOf(shape);
  const after = sizeOf(resampledShape);
  // Channels are read apart and joined; then comes the ground truth, at worst as stored and as float32.
  const reading = (channels > 1 ? 8 * channels : 4) * before + 10 * before;
  // Both images, mask and labels, and to draw locations: positions, partners and their goals.
  const resampling = 4 * channels * (before + after) + 4 * before + 12 * after;
  return WORKER_BYTES + Math.max(reading, resampling);
}

/** Most workers whose cases fit into the limit, whichever they work on at once. */
export function workersWithin(limit: number, peaks: readonly number[]): number {
  let total = 0;
  const descending = peaks.toSorted((a, b) => b - a);
  const first = descending.findIndex((peak) => (total += peak) > limit);
  return first < 0 ? peaks.length : first;
}
