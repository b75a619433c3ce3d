/** How a prediction looks on the terminal. */

import type { InferenceProgress } from "../inference/case_pipeline.ts";
import { bar, formatDuration } from "./status_line.ts";

/** The live line: cases, tiles of the case under way, and time left. */
export function formatInferenceProgress(progress: InferenceProgress): string {
  const { cases, totalCases, tiles, totalTiles, share, secondsLeft } = progress;
  const left = Number.isFinite(secondsLeft) ? `, ${formatDuration(secondsLeft)} left` : "";
  return `predicting ${bar(share)} case ${Math.min(cases + 1, totalCases)}/${totalCases}, ` +
    `tile ${tiles}/${totalTiles}${left}`;
}
