/** Draws random factors that are below and above 1 equally often. */

import type { Generator } from "../random/generator.ts";

/**
 * Draws a factor below 1 or above 1 with equal probability, uniformly within each side.
 *
 * If the range is on one side of 1 only, the factor is uniform over the range.
 *
 * @see MIC-DKFZ/batchgeneratorsv2 0.3.6 transforms/intensity/contrast.py, BGContrast
 */
export function factorAroundOne(
  generator: Generator,
  [low, high]: readonly [low: number, high: number],
): number {
  return generator.uniform() < 0.5 && low < 1
    ? generator.uniform(low, Math.min(high, 1))
    : generator.uniform(Math.max(low, 1), high);
}
