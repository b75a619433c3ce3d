/** Applies nnU-Net's postprocessing to a label map. */

import type { PostprocessingStep } from "../files/postprocessing.ts";
import type { Segmentation } from "../image/image.ts";
import { keepLargestComponent, keepLargestOfEach } from "../morphology/largest_component.ts";

/**
 * Applies steps in order, in place.
 *
 * @returns `segmentation`.
 */
export function applySteps(
  segmentation: Segmentation,
  steps: readonly PostprocessingStep[],
): Segmentation {
  const { data, geometry: { shape } } = segmentation;
  for (let next = 0; next < steps.length;) {
    // Labels do not share voxels, so consecutive steps for labels are applied together.
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
