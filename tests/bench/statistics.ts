/** Summarises repeated measurements. */

/** Median and range. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return {
    median: sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2,
    low: sorted[0],
    high: sorted[sorted.length - 1],
  };
}

/** Formats milliseconds as median and range, such as `203 (198–240)`. */
export function formatMilliseconds(values: readonly number[]): string {
  const { median, low, high } = spreadOf(values);
  return `${median.toFixed(0)} (${low.toFixed(0)}–${high.toFixed(0)})`;
}
