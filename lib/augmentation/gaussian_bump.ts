/** A Gaussian somewhere in a patch or beside it, which says where a change is how strong. */

import type { Shape, Zyx } from "../array/nd_array.ts";
import type { Generator } from "../random/generator.ts";
import { asVolumeShape } from "./volume_shape.ts";

/** Where along each axis its middle lies, and how wide it is. */
export interface GaussianBump {
  /** In voxels, for each axis. */
  readonly centre: readonly number[];
  /** Standard deviation in voxels, for each axis. */
  readonly sigma: readonly number[];
}

/**
 * Draws the middle of a bump as far as half a patch beside it, and widths from a sixth of each axis
 * to all of it, small ones more often.
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
 * A bump's strength at each voxel, stretched so that the least in the patch is 0 and the most is 1.
 *
 * @see MIC-DKFZ/batchgeneratorsv2 0.3.6 transforms/local/local_transform.py, _generate_kernel
 */
export function strengthOf({ centre, sigma }: GaussianBump, shape: Shape): Float32Array {
  const size: Zyx = asVolumeShape(shape);
  const [depth, height, width] = size;
  const flat = Float64Array.of(1);
  const along = shape.map((extent, axis) => sharesOf(extent, centre[axis], sigma[axis]));
  const [z, y, x] = shape.length === 3 ? along : [flat, ...along];
  const product = (pick: (shares: Float64Array) => number) => pick(z) * pick(y) * pick(x);
  const least = product((shares) => shares.reduce((a, b) => Math.min(a, b)));
  const most = product((shares) => shares.reduce((a, b) => Math.max(a, b)));
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

/** Gauss and Legendre's three points of an interval of length 1, and their weights. */
const POINTS = [-Math.sqrt(0.15), 0, Math.sqrt(0.15)], WEIGHTS = [5 / 18, 8 / 18, 5 / 18];

/** The part of a normal distribution within each voxel of an axis, up to a factor. */
function sharesOf(extent: number, centre: number, sigma: number): Float64Array {
  return Float64Array.from({ length: extent }, (_, voxel) =>
    POINTS.reduce((sum, point, i) => {
      const distance = (voxel + point - centre) / sigma;
      return sum + WEIGHTS[i] * Math.exp(-0.5 * distance * distance);
    }, 0));
}
