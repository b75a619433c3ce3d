/** Formats the progress of a prediction for the terminal. */

import type { InferenceProgress } from "../inference/case_pipeline.ts";
import { bar, formatDuration } from "./status_line.ts";

/**
 * Formats the status line of a prediction: cases, tiles of the current case, and time left.
 *
 * @param progress As `predictFolder()` reports it.
 * @returns One line of text.
 *
 * @example
 * ```ts
 * import { formatInferenceProgress } from "nnunet/cli";
 * import assert from "node:assert/strict";
 *
 * const progress = { cases: 1, totalCases: 4, tiles: 3, totalTiles: 8, share: 0.3, secondsLeft: 70 };
 * assert.match(formatInferenceProgress(progress), /case 2\/4, tile 3\/8, 1:10 left$/);
 * ```
 */
export function formatInferenceProgress(progress: InferenceProgress): string {
  const { cases, totalCases, tiles, totalTiles, share, secondsLeft } = progress;
  const left = Number.isFinite(secondsLeft) ? `, ${formatDuration(secondsLeft)} left` : "";
  return `predicting ${bar(share)} case ${Math.min(cases + 1, totalCases)}/${totalCases}, ` +
    `tile ${tiles}/${totalTiles}${left}`;
}
