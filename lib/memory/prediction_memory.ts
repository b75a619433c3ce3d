/** How much memory a prediction takes at most, known before any work is done. */

import { type Shape, sizeOf, type Zyx } from "../array/nd_array.ts";
import { peakBytes } from "./preprocessing_memory.ts";
import { resampledShape, targetSpacing } from "../preprocessing/resampling_rules.ts";
import type { ModelFacts } from "../inference/case_job.ts";
import { CELL_BUDGET } from "../window/cpu/predict_cells.ts";

/** A scan's grid. */
export interface ScanGrid {
  readonly shape: Zyx;
  readonly spacing: Zyx;
}

/** How a prediction uses memory, besides what the scan asks for. */
export interface PredictionMemory {
  /** Whether all logits are held at once: for probabilities, and where a GPU computes them. */
  readonly wholeLogits: boolean;
  /** Bytes of the networks and their activations in this machine's memory. */
  readonly networks: number;
}

/**
 * Peak memory of one case in bytes, about.
 *
 * @param scan Uncropped: how much cropping takes away is known only when it is read.
 */
export function predictionBytes(
  scan: ScanGrid,
  facts: ModelFacts,
  { wholeLogits, networks }: PredictionMemory,
): number {
  const { plans, configuration, channelNames, heads, previousStageLabels = [] } = facts;
  const before = inPlanOrder(scan.shape, plans);
  const after = planShape(scan, facts);
  const channels = channelNames.length + previousStageLabels.length;
  const voxels = sizeOf(after);
  // A tile's logits as they come, summed over mirrored views, and in the cells it adds to.
  const tile: Shape = configuration.patchSize;
  const tiles = 3 * 4 * heads.count * sizeOf(tile);
  const unfinished = Math.min(CELL_BUDGET, 4 * heads.count * voxels);
  const edge = 4 * heads.count * sizeOf(after.slice(1));
  const labels = 2 * (heads.count > 256 ? 2 : 1) * sizeOf(before);
  // Of probabilities one head at a time, twice, and a double to normalise all by.
  const all = wholeLogits ? 8 * heads.count * voxels + 20 * sizeOf(before) : 0;
  const predicting = 4 * channels * voxels + tiles + unfinished + edge + labels + all;
  return networks + Math.max(peakBytes(channels, before, after), predicting);
}

/** A scan's extents on the plan's grid, (z, y, x), as if nothing were cropped. */
export function planShape(
  { shape, spacing }: ScanGrid,
  { plans, configuration }: Pick<ModelFacts, "plans" | "configuration">,
): Zyx {
  const from = inPlanOrder(spacing, plans);
  const to = targetSpacing(configuration.spacing, from);
  return resampledShape(inPlanOrder(shape, plans), from, to) as unknown as Zyx;
}

function inPlanOrder(axes: Zyx, { transposeForward: [a, b, c] }: ModelFacts["plans"]): Zyx {
  return [axes[a], axes[b], axes[c]];
}
