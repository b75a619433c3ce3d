/** Chooses the memory format that PyTorch computes fastest with. */

import { spreadOf } from "./statistics.ts";

/** Rounds of both formats, after one that warms up. */
const ROUNDS = 2;

/**
 * Whether PyTorch is faster with channels innermost in memory than with its default.
 *
 * @param measure Returns PyTorch's milliseconds with channels last or first.
 */
export async function isFasterWithChannelsLast(
  measure: (channelsLast: boolean) => Promise<readonly number[]>,
): Promise<boolean> {
  const times = { first: [] as number[], last: [] as number[] };
  for (let round = 0; round <= ROUNDS; round++) {
    const [first, last] = [await measure(false), await measure(true)];
    if (round === 0) continue;
    times.first.push(...first);
    times.last.push(...last);
  }
  return spreadOf(times.last).median < spreadOf(times.first).median;
}
