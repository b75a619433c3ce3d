/** nnU-Net's rules for resampling: to which grid, and whether slices are resampled separately. */

import { roundHalfToEven } from "../array/rounding.ts";
import { type Shape, type Zyx, zyx } from "../array/nd_array.ts";

/** Spacing ratio above which an axis counts as coarse. */
const ANISOTROPY_THRESHOLD = 3;

/**
 * Voxels per axis that cover the same extent at another spacing.
 *
 * @param shape (z, y, x)
 * @param spacing The spacing of `shape`, (z, y, x), mm.
 * @param newSpacing (z, y, x), mm.
 */
export function resampledShape(
  shape: Shape,
  spacing: readonly number[],
  newSpacing: readonly number[],
): number[] {
  // Multiplied in this order, because another may round a half to the other side.
  return shape.map((extent, axis) => roundHalfToEven(spacing[axis] / newSpacing[axis] * extent));
}

/**
 * The coarse axis whose slices must not be blended, or undefined if there is none.
 *
 * The spacing before resampling decides; if it is near enough to isotropic, the one after. Where
 * two axes are equally coarse (thin slabs of large voxels) nothing is separated.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/preprocessing/resampling/default_resampling.py
 */
export function separateAxis(
  spacing: readonly number[],
  newSpacing: readonly number[],
): number | undefined {
  for (const candidate of [spacing, newSpacing]) {
    const coarsest = Math.max(...candidate);
    if (coarsest / Math.min(...candidate) <= ANISOTROPY_THRESHOLD) continue;
    const coarse = [0, 1, 2].filter((axis) => coarsest / candidate[axis] === 1);
    return coarse.length === 1 ? coarse[0] : undefined;
  }
  return undefined;
}

/**
 * The spacing that a configuration resamples a case to: 2d plans keep the distance between slices.
 *
 * @param planned Two (y, x) or three (z, y, x) values, mm.
 * @param spacing The case's own, in the plan's axis order, mm.
 */
export function resampledSpacing(planned: readonly number[], spacing: Zyx): Zyx {
  return zyx(planned.length === 2 ? [spacing[0], ...planned] : planned);
}
