/** Measures distances between the surfaces of a reference and a prediction. */

import type { Zyx } from "../array/nd_array.ts";
import { percentileOfSorted } from "../array/quantile.ts";
import type { SurfaceAgreement } from "../files/details.ts";
import { squaredDistances } from "../morphology/distance_transform.ts";

/** Two masks on the same grid. */
export interface MaskPair {
  readonly shape: Zyx;
  /** Millimetres between voxel centres, (z, y, x). */
  readonly spacing: Zyx;
  /** Reference mask, (z, y, x); nonzero inside. */
  readonly reference: Uint8Array;
  /** Predicted mask, (z, y, x); nonzero inside. */
  readonly prediction: Uint8Array;
  /** Mask of excluded voxels, (z, y, x); nonzero where excluded. */
  readonly ignored?: Uint8Array;
}

/** Relative slack, since single-precision distances may exceed a tolerance that they equal. */
const TOLERANCE_SLACK = 1e-6;

/**
 * Compares the surfaces of two masks.
 *
 * A surface voxel is a voxel of the mask with a face neighbour outside it. Positions beyond the volume
 * are outside, but an axis of one voxel, as in 2D images, has no neighbours. Distances are Euclidean,
 * between centres of surface voxels. All surface voxels have equal weight; percentiles interpolate
 * linearly.
 *
 * Ignored voxels belong to neither mask and do not count as outside either: a voxel next to unknown
 * content is not a surface voxel because of it.
 *
 * @param tolerance Tolerance of the surface Dice, in mm.
 * @see S. Nikolov et al., Clinically Applicable Segmentation of Head and Neck Anatomy for
 * Radiotherapy, JMIR 23 (2021), for the surface Dice; L. Maier-Hein, A. Reinke et al., Metrics
 * reloaded, Nature Methods 21 (2024), for the use of the measures
 */
export function compareSurfaces(pair: MaskPair, tolerance: number): SurfaceAgreement {
  const { shape, spacing, ignored } = pair;
  const reference = surfaceOf(pair.reference, shape, ignored);
  const prediction = surfaceOf(pair.prediction, shape, ignored);
  const there = distancesFrom(prediction, reference, shape, spacing);
  const back = distancesFrom(reference, prediction, shape, spacing);
  const count = there.length + back.length;
  if (count === 0) return { hausdorff95: NaN, averageSurfaceDistance: NaN, surfaceDice: NaN };
  if (there.length === 0 || back.length === 0) {
    return { hausdorff95: Infinity, averageSurfaceDistance: Infinity, surfaceDice: 0 };
  }
  const reach = tolerance * (1 + TOLERANCE_SLACK);
  let sum = 0;
  let near = 0;
  for (const distances of [there, back]) {
    for (let i = 0; i < distances.length; i++) {
      sum += distances[i];
      if (distances[i] <= reach) near++;
    }
  }
  return {
    hausdorff95: Math.max(percentileOfSorted(there, 95), percentileOfSorted(back, 95)),
    averageSurfaceDistance: sum / count,
    surfaceDice: near / count,
  };
}

/** Returns a mask that is 1 at surface voxels. */
function surfaceOf(mask: Uint8Array, shape: Zyx, ignored?: Uint8Array): Uint8Array {
  const [depth, height, width] = shape;
  const surface = new Uint8Array(mask.length);
  const plane = height * width;
  const isOutside = (voxel: number) => mask[voxel] === 0 && !ignored?.[voxel];
  let voxel = 0;
  for (let z = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++, voxel++) {
        if (mask[voxel] === 0 || ignored?.[voxel]) continue;
        const onSurface = depth > 1 &&
            (z === 0 || z === depth - 1 || isOutside(voxel - plane) || isOutside(voxel + plane)) ||
          height > 1 &&
            (y === 0 || y === height - 1 || isOutside(voxel - width) || isOutside(voxel + width)) ||
          width > 1 &&
            (x === 0 || x === width - 1 || isOutside(voxel - 1) || isOutside(voxel + 1));
        if (onSurface) surface[voxel] = 1;
      }
    }
  }
  return surface;
}

/** Returns the distances in mm from one surface's voxels to the other surface, ascending. */
function distancesFrom(from: Uint8Array, to: Uint8Array, shape: Zyx, spacing: Zyx): Float32Array {
  const squared = squaredDistances(to, shape, spacing);
  let count = 0;
  for (let i = 0; i < from.length; i++) if (from[i] !== 0) squared[count++] = squared[i];
  return squared.slice(0, count).map(Math.sqrt).sort();
}
