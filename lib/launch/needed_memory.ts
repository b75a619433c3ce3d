/** Estimates the memory that any job of a data set needs at least. */

import { zyx } from "../array/nd_array.ts";
import { preprocessingBytes } from "../memory/preprocessing_memory.ts";
import type { Plans } from "../plans.ts";
import { resampledShape, resampledSpacing } from "../preprocessing/resampling_rules.ts";

/**
 * Returns the bytes that preprocessing the largest case takes with one worker.
 *
 * Sizes and spacings of the fingerprint are in the scans' axis order, those of the plan in its own.
 */
export function neededMemory(plans: Plans, configurations: readonly string[]): number {
  const { fingerprint: { shapesAfterCrop, spacings }, datasetJson, plansData } = plans;
  const channels = datasetJson.channelNames.length;
  const transposed = <T>(values: readonly T[]) =>
    plansData.transposeForward.map((axis) => values[axis]);
  const needs = configurations.flatMap((name) => {
    const { spacing: planned } = plans.configuration(name);
    return shapesAfterCrop.map((size, index) => {
      const [shape, spacing] = [transposed(size), zyx(transposed(spacings[index]))];
      const resampled = resampledShape(shape, spacing, resampledSpacing(planned, spacing));
      return preprocessingBytes(channels, shape, resampled);
    });
  });
  return Math.max(0, ...needs);
}
