/** Random Gaussian bumps that weight local intensity changes. */

import type { Shape, Zyx } from "../array/nd_array.ts";
import type { Generator } from "../random/generator.ts";
import { asVolumeShape } from "./volume_shape.ts";

/** Position and width of a Gaussian along each spatial axis. */
export interface GaussianBump {
  /** Centre in voxels, per axis. */
  readonly centre: readonly number[];
  /** Standard deviation in voxels, per axis. */
  readonly sigma: readonly number[];
}

/**
 * Draws a bump: its centre at most half a patch outside the patch, and its widths log-uniform from a
 * sixth of each axis's extent to all of it.
 */
export function drawBump(generator: Generator, shape: Shape): GaussianBump {
  const centre: number[] = [], sigma: number[] = [];
  for (const extent of shape) {
    centre.push(extent * generator.uniform(-0.5, 1.5));
    const narrowest = Math.max(1, Math.floor(extent / 6));
    sigma.push(narrowest * (extent / narrowest) ** generator.uniform());
  }
  return { centre, sigma };
}

/**
 * Returns a bump's strength at each voxel, scaled so that the patch's minimum is 0 and maximum 1.
 *
 * @see MIC-DKFZ/batchgeneratorsv2 0.3.6 transforms/local/local_transform.py, _generate_kernel
 */
export function strengthOf({ centre, sigma }: GaussianBump, shape: Shape): Float32Array {
  const size: Zyx = asVolumeShape(shape);
  const [depth, height, width] = size;
  const flat = Float64Array.of(1);
  const along = shape.map((extent, axis) => voxelIntegrals(extent, centre[axis], sigma[axis]));
  const [z, y, x] = shape.length === 3 ? along : [flat, ...along];
  const product = (pick: (integrals: Float64Array) => number) => pick(z) * pick(y) * pick(x);
  const least = product((integrals) => integrals.reduce((a, b) => Math.min(a, b)));
  const most = product((integrals) => integrals.reduce((a, b) => Math.max(a, b)));
  const scale = most > least ? 1 / (most - least) : 0;
  const strength = new Float32Array(depth * height * width);
  for (let to = 0, i = 0; i < depth; i++) {
    for (let j = 0; j < height; j++) {
      const row = z[i] * y[j];
      for (let k = 0; k < width; k++) strength[to++] = (row * x[k] - least) * scale;
    }
  }
  return strength;
}

/** Nodes and weights of three-point Gauss–Legendre quadrature on an interval of length 1. */
const POINTS = [-Math.sqrt(0.15), 0, Math.sqrt(0.15)], WEIGHTS = [5 / 18, 8 / 18, 5 / 18];

/** Returns the integral of a Gaussian over each voxel of an axis, up to a constant factor. */
function voxelIntegrals(extent: number, centre: number, sigma: number): Float64Array {
  return Float64Array.from({ length: extent }, (_, voxel) =>
    POINTS.reduce((sum, point, i) => {
      const distance = (voxel + point - centre) / sigma;
      return sum + WEIGHTS[i] * Math.exp(-0.5 * distance * distance);
    }, 0));
}
