/** Median and percentiles, bit-identical to NumPy's. */

/** Returns `numpy.median` of a list: the middle value or the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Returns `numpy.percentile` of a list, with `percent` in [0, 100]. */
export function percentile(values: readonly number[], percent: number): number {
  return percentileOfSorted(Float64Array.from(values).sort(), percent);
}

/**
 * Returns `numpy.percentile` of values in ascending order, interpolating linearly.
 *
 * The result may differ from {@link median} in its last bit, as NumPy's does.
 */
export function percentileOfSorted(sorted: ArrayLike<number>, percent: number): number {
  const position = (sorted.length - 1) * (percent / 100);
  const below = Math.floor(position);
  const fraction = position - below;
  const low = sorted[below];
  const high = sorted[Math.min(below + 1, sorted.length - 1)];
  // Interpolates from the nearer end, as NumPy does, so that equal neighbours yield exactly that value.
  return fraction < 0.5 ? low + (high - low) * fraction : high - (high - low) * (1 - fraction);
}
