/** Smooth random displacement fields for nnU-Net v1's elastic deformation. */

import { type Shape, sizeOf } from "../array/nd_array.ts";
import type { Generator } from "../random/generator.ts";

/** Options of elastic deformation. */
export interface ElasticOptions {
  /** Probability that a sample is deformed. */
  readonly probability: number;
  /** Range of the factor that scales the smoothed noise, in voxels. */
  readonly strength: readonly [low: number, high: number];
  /** Range of the smoothing's standard deviation, in voxels. */
  readonly sigma: readonly [low: number, high: number];
}

/** Radius of the smoothing kernel, in standard deviations. */
const TRUNCATE = 4;

/** Returns nnU-Net v1's settings; version 2's trainers no longer use them. */
export function elasticDefaults(axes: number): ElasticOptions {
  return { probability: 0.2, strength: [0, axes === 2 ? 200 : 900], sigma: [9, 13] };
}

/**
 * Draws a displacement for every voxel: uniform noise within ±1, smoothed and scaled.
 *
 * The cost is proportional to the number of voxels.
 *
 * @param shape The patch's shape, (z, y, x) or (y, x).
 * @returns Displacements in voxels, (axis, z, y, x) or (axis, y, x).
 * @see MIC-DKFZ/batchgenerators 0.25.5 augmentations/utils.py, elastic_deform_coordinates
 */
export function drawDisplacement(
  generator: Generator,
  shape: Shape,
  { strength, sigma }: Pick<ElasticOptions, "strength" | "sigma">,
): Float32Array<ArrayBuffer> {
  const noise = new Float32Array(shape.length * sizeOf(shape));
  for (let i = 0; i < noise.length; i++) noise[i] = generator.uniform(-1, 1);
  return displacementOf(noise, shape, generator.uniform(...strength), generator.uniform(...sigma));
}

/** Turns noise of shape (axis, …spatial) into displacements, in place. */
export function displacementOf(
  noise: Float32Array<ArrayBuffer>,
  shape: Shape,
  strength: number,
  sigma: number,
): Float32Array<ArrayBuffer> {
  const kernel = Float64Array.from(
    { length: Math.floor(TRUNCATE * sigma + 0.5) + 1 },
    (_, distance) => Math.exp(-0.5 * (distance / sigma) ** 2),
  );
  const sum = kernel.reduce((total, weight, i) => total + (i === 0 ? 1 : 2) * weight, 0);
  const field = [shape.length, ...shape];
  for (let axis = 1; axis < field.length; axis++) {
    smoothAxis(noise, sizeOf(field.slice(axis + 1)), field[axis], kernel.map((w) => w / sum));
  }
  for (let i = 0; i < noise.length; i++) noise[i] *= strength;
  return noise;
}

/** Convolves along one axis, with zeros beyond its ends. */
function smoothAxis(
  values: Float32Array,
  stride: number,
  extent: number,
  kernel: Float64Array,
) {
  const block = extent * stride;
  const source = new Float32Array(block);
  for (let from = 0; from < values.length; from += block) {
    source.set(values.subarray(from, from + block));
    for (let at = 0; at < extent; at++) {
      const to = from + at * stride;
      for (let i = 0; i < stride; i++) {
        let value = kernel[0] * source[at * stride + i];
        const before = Math.min(at, kernel.length - 1);
        const after = Math.min(extent - 1 - at, kernel.length - 1);
        for (let d = 1, j = (at - 1) * stride + i; d <= before; d++, j -= stride) {
          value += kernel[d] * source[j];
        }
        for (let d = 1, j = (at + 1) * stride + i; d <= after; d++, j += stride) {
          value += kernel[d] * source[j];
        }
        values[to + i] = value;
      }
    }
  }
}
