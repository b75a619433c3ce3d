/** Random factors that shrink as often as they enlarge. */

import type { Generator } from "../random/generator.ts";

/**
 * A factor below 1 half of the time and above 1 the other half, uniform within each.
 *
 * A range on one side of 1 only is drawn from uniformly.
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
