/** Applies nnU-Net's postprocessing. */

import type { PostprocessingStep } from "../files/postprocessing.ts";
import type { Segmentation } from "../image/image.ts";
import { keepLargestComponent, keepLargestOfEach } from "../morphology/largest_component.ts";

/**
 * Applies steps one after another, in place.
 *
 * @returns The map it was given.
 */
export function applySteps(
  segmentation: Segmentation,
  steps: readonly PostprocessingStep[],
): Segmentation {
  const { data, geometry: { shape } } = segmentation;
  for (let next = 0; next < steps.length;) {
    // Different labels do not share voxels, so their steps can be taken at once.
    const labels = new Set<number>();
    for (; next < steps.length; next++) {
      const { keepLargest } = steps[next];
      if (typeof keepLargest !== "number") break;
      labels.add(keepLargest);
    }
    if (labels.size > 0) keepLargestOfEach(data, shape, [...labels]);
    if (next < steps.length) {
      const { keepLargest } = steps[next++];
      keepLargestComponent(data, shape, [keepLargest].flat());
    }
  }
  return segmentation;
}
