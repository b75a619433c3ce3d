/** Computes a data set's intensity statistics from small summaries of its cases. */

import { percentileOfSorted } from "../array/quantile.ts";
import type { IntensityProperties } from "../files/plans.ts";

/** Statistics of one case's foreground in one channel. */
export interface IntensitySummary {
  readonly mean: number;
  /** Mean squared distance from the mean. */
  readonly variance: number;
  readonly min: number;
  readonly max: number;
  /** Evenly spaced order statistics, ascending. */
  readonly quantiles: Float32Array<ArrayBuffer>;
}

/**
 * Summarises the foreground intensities of a case; sorts `values` in place.
 *
 * @param values At least one value, none of them NaN.
 * @param quantileCount Number of quantiles to keep; it may exceed the number of values.
 */
export function summarizeIntensities(
  values: Float32Array<ArrayBuffer>,
  quantileCount: number,
): IntensitySummary {
  values.sort();
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  const quantiles = new Float32Array(quantileCount);
  for (let i = 0; i < quantileCount; i++) {
    quantiles[i] = values[Math.floor((i + 0.5) / quantileCount * values.length)];
  }
  return {
    mean,
    variance: squares / values.length,
    min: values[0],
    max: values[values.length - 1],
    quantiles,
  };
}

/**
 * Returns the properties of a distribution in which all cases have equal weight, regardless of the
 * size of their foreground.
 *
 * @param summaries At least one summary, all with the same number of quantiles.
 */
export function pooledProperties(summaries: readonly IntensitySummary[]): IntensityProperties {
  const average = (value: (summary: IntensitySummary) => number) =>
    summaries.reduce((sum, summary) => sum + value(summary), 0) / summaries.length;
  const mean = average((summary) => summary.mean);
  const variance = average((summary) => summary.variance + (summary.mean - mean) ** 2);

  const perCase = summaries[0].quantiles.length;
  const quantiles = new Float32Array(perCase * summaries.length);
  summaries.forEach((summary, i) => quantiles.set(summary.quantiles, i * perCase));
  quantiles.sort();
  return {
    mean,
    median: percentileOfSorted(quantiles, 50),
    std: Math.sqrt(variance),
    min: Math.min(...summaries.map(({ min }) => min)),
    max: Math.max(...summaries.map(({ max }) => max)),
    percentile005: percentileOfSorted(quantiles, 0.5),
    percentile995: percentileOfSorted(quantiles, 99.5),
  };
}
