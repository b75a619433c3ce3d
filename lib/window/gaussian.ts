/** How much each voxel of a tile counts where tiles overlap. */

import { type Shape, sizeOf } from "../array/nd_array.ts";

/** Weight at a tile's centre. */
const PEAK = 10;

/**
 * Weights that fall off from a tile's centre like a Gaussian of an eighth of the tile.
 *
 * They are rounded to half precision as nnU-Net stores them; where that is zero the smallest
 * weight stands, so that no voxel goes without.
 *
 * @param tileSize Voxels per axis.
 * @returns One weight a voxel, in C order.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/inference/sliding_window_prediction.py compute_gaussian
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

/** An impulse at ⌊size / 2⌋, blurred as SciPy's `gaussian_filter` with zeros outside does. */
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
