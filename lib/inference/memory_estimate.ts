/** How much memory a prediction takes at most, known before any work is done. */

import { type Shape, sizeOf, type Zyx } from "../array/nd_array.ts";
import { peakBytes } from "../preprocessing/memory_estimate.ts";
import { resampledShape, targetSpacing } from "../preprocessing/resampling_rules.ts";
import type { ModelFacts } from "./case_job.ts";
import { CELL_BUDGET } from "./sliding_window.ts";

/**
 * Peak memory of one case in bytes, about, the network's own activations aside.
 *
 * @param geometry Of the scan.
 * @param probabilities Whether they are written, for which all logits are held.
 */
export function predictionBytes(
  { shape, spacing }: { readonly shape: Zyx; readonly spacing: Zyx },
  { plans, configuration, channelNames, heads, previousStageLabels = [] }: ModelFacts,
  probabilities: boolean,
): number {
  const inPlanOrder = (axes: Zyx) =>
    plans.transposeForward.map((axis) => axes[axis]) as unknown as Zyx;
  const before = inPlanOrder(shape);
  const planSpacing = targetSpacing(configuration.spacing, inPlanOrder(spacing));
  const after = resampledShape(before, inPlanOrder(spacing), planSpacing);
  const channels = channelNames.length + previousStageLabels.length;
  const voxels = sizeOf(after);
  // A tile's logits as they come, summed over mirrored views, and in the cells it adds to.
  const tile: Shape = configuration.patchSize;
  const tiles = 3 * 4 * heads.count * sizeOf(tile);
  const unfinished = Math.min(CELL_BUDGET, 4 * heads.count * voxels);
  const edge = 4 * heads.count * sizeOf(after.slice(1));
  const labels = 2 * (heads.count > 256 ? 2 : 1) * sizeOf(before);
  const all = probabilities ? 4 * heads.count * (2 * voxels + sizeOf(before)) : 0;
  const predicting = 4 * channels * voxels + tiles + unfinished + edge + labels + all;
  return Math.max(peakBytes(channels, before, after), predicting);
}
