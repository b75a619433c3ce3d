/** Turns a scan's values into the grey levels that a viewer shows. */

/**
 * Returns quantiles of about 100 000 evenly spaced values.
 *
 * @param low Fraction of the values below the first result, from 0 to 1.
 * @param high Fraction of the values below the second result, from 0 to 1.
 */
export function quantiles(
  values: Float32Array,
  low: number,
  high: number,
): readonly [low: number, high: number] {
  const stride = Math.max(1, Math.floor(values.length / 100_000));
  const picked = Float32Array.from(
    { length: Math.ceil(values.length / stride) },
    (_, i) => values[i * stride],
  ).sort();
  const at = (fraction: number) => picked[Math.round(fraction * (picked.length - 1))];
  return [at(low), at(high)];
}

/**
 * Returns the level of each value, from 0 to 255.
 *
 * @param range Values of the levels 0 and 255; values outside are clipped.
 * @param levels Number of distinct levels, 256 by default.
 */
export function greyLevels(
  values: Float32Array,
  [low, high]: readonly [low: number, high: number],
  levels = 256,
): Uint8Array<ArrayBuffer> {
  const step = 255 / (levels - 1);
  const scale = (levels - 1) / Math.max(high - low, Number.MIN_VALUE);
  const quantised = new Uint8Array(values.length);
  for (let voxel = 0; voxel < values.length; voxel++) {
    const level = Math.min(levels - 1, Math.max(0, Math.round((values[voxel] - low) * scale)));
    quantised[voxel] = Math.round(level * step);
  }
  return quantised;
}
