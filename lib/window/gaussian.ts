/** Computes the weights of a tile's voxels where tiles overlap. */

import { type Shape, sizeOf } from "../array/nd_array.ts";

/** Weight at a tile's centre. */
const PEAK = 10;

/**
 * Returns weights that decrease from a tile's centre like a Gaussian whose standard deviation is an
 * eighth of the tile.
 *
 * The weights are rounded to half precision, as nnU-Net stores them. Weights that round to zero are
 * replaced by the smallest other weight, so that every voxel counts.
 *
 * @param tileSize Voxels per axis.
 * @returns One weight per voxel, in C order, at most 10.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/inference/sliding_window_prediction.py compute_gaussian
 *
 * @example The centre counts most
 * ```ts
 * import assert from "node:assert/strict";
 * import { gaussianWeights } from "nnunet/parts";
 *
 * const weights = gaussianWeights([8]);
 * assert.equal(weights[4], 10);
 * assert.ok(weights[3] < 10 && weights[0] > 0);
 * ```
 */
export function gaussianWeights(tileSize: Shape): Float32Array<ArrayBuffer> {
  let map = Float64Array.of(1);
  for (const size of tileSize) {
    const profile = blurredImpulse(size);
    const outer = new Float64Array(map.length * size);
    map.forEach((value, i) => profile.forEach((p, j) => outer[i * size + j] = value * p));
    map = outer;
  }
  const peak = map.reduce((a, b) => Math.max(a, b));
  const weights = new Float32Array(sizeOf(tileSize));
  let smallest = Infinity;
  for (let i = 0; i < weights.length; i++) {
    weights[i] = Math.f16round(map[i] / peak * PEAK);
    if (weights[i] > 0 && weights[i] < smallest) smallest = weights[i];
  }
  for (let i = 0; i < weights.length; i++) if (weights[i] === 0) weights[i] = smallest;
  return weights;
}

/** Blurs an impulse at ⌊size / 2⌋ like SciPy's `gaussian_filter` with zeros outside. */
function blurredImpulse(size: number): number[] {
  const sigma = size / 8;
  const radius = Math.floor(4 * sigma + 0.5);
  const kernel = Array.from(
    { length: 2 * radius + 1 },
    (_, i) => Math.exp(-0.5 * ((i - radius) / sigma) ** 2),
  );
  const total = kernel.reduce((a, b) => a + b);
  const centre = Math.floor(size / 2);
  return Array.from({ length: size }, (_, i) => (kernel[i - centre + radius] ?? 0) / total);
}
