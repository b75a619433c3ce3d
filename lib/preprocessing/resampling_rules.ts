/** nnU-Net's rules for the grid to resample to and for resampling slices separately. */

import { roundHalfToEven } from "../array/rounding.ts";
import { type Shape, type Zyx, zyx } from "../array/nd_array.ts";
import type { Configuration } from "../files/plans.ts";
import { ANISOTROPY_THRESHOLD, type SliceRule } from "../files/resampling.ts";

/**
 * Voxels per axis that cover the same extent at another spacing.
 *
 * @param shape Voxels per axis, (z, y, x).
 * @param spacing Spacing of `shape`, (z, y, x), in mm.
 * @param newSpacing New spacing, (z, y, x), in mm.
 */
export function resampledShape(
  shape: Shape,
  spacing: readonly number[],
  newSpacing: readonly number[],
): number[] {
  // The order of operations matters: another may round a half the other way.
  return shape.map((extent, axis) => roundHalfToEven(spacing[axis] / newSpacing[axis] * extent));
}

/**
 * The coarse axis whose slices must not be blended, or undefined if there is none.
 *
 * The spacing before resampling decides, or the one after if the former is nearly isotropic. If two
 * axes are equally coarse, none is separated.
 *
 * @param spacing Spacing before resampling, (z, y, x), in mm.
 * @param newSpacing Spacing after resampling, (z, y, x), in mm.
 * @param rule Whether slices are separated whatever the spacing is, and from which ratio on.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/preprocessing/resampling/default_resampling.py
 */
export function separateAxis(
  spacing: readonly number[],
  newSpacing: readonly number[],
  { separate, anisotropyThreshold }: SliceRule = { anisotropyThreshold: ANISOTROPY_THRESHOLD },
): number | undefined {
  if (separate === false) return undefined;
  for (const candidate of [spacing, newSpacing]) {
    const coarsest = Math.max(...candidate);
    if (!separate && !(coarsest / Math.min(...candidate) > anisotropyThreshold)) continue;
    const coarse = [0, 1, 2].filter((axis) => coarsest / candidate[axis] === 1);
    return coarse.length === 1 ? coarse[0] : undefined;
  }
  return undefined;
}

/**
 * The spacing that a configuration resamples a case to; 2d plans keep the distance between slices.
 *
 * @param planned The configuration's spacing, (y, x) or (z, y, x), in mm.
 * @param spacing The case's spacing in the plan's axis order, (z, y, x), in mm.
 */
export function resampledSpacing(planned: readonly number[], spacing: Zyx): Zyx {
  return zyx(planned.length === 2 ? [spacing[0], ...planned] : planned);
}

/** A case's grid as preprocessed for a configuration. */
export interface PlannedGrid {
  /** Voxels per axis, (z, y, x). */
  readonly shape: readonly number[];
  /** The spacing that resampling is told, in mm, (z, y, x). */
  readonly spacing: Zyx;
}

/**
 * Returns the grid on which a configuration's network sees a case.
 *
 * @param configuration The configuration.
 * @param shape The cropped case's voxels per axis in the plan's order, (z, y, x).
 * @param spacing The case's spacing in the plan's order, (z, y, x), in mm.
 */
export function plannedGrid(
  configuration: Pick<Configuration, "spacing" | "resampling">,
  shape: Shape,
  spacing: Zyx,
): PlannedGrid {
  const newSpacing = resampledSpacing(configuration.spacing, spacing);
  const keepsGrid = configuration.resampling?.data.kind === "none";
  return {
    shape: keepsGrid ? shape : resampledShape(shape, spacing, newSpacing),
    spacing: newSpacing,
  };
}
