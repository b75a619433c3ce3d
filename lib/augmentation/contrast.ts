/** Contrast about a channel's mean. */

import { meanAndRangeOf, meanOf, scaleAndShift } from "./channel_statistics.ts";
import { factorAroundOne } from "./factor_around_one.ts";
import { changeChannels, type Transform } from "./transform.ts";

/**
 * Stretches every channel about its mean by a factor of its own and cuts off what leaves its range.
 * Parameters are the factors.
 *
 * @param options.factor Range of factors, see {@link factorAroundOne}.
 * @see MIC-DKFZ/batchgeneratorsv2 0.3.6 transforms/intensity/contrast.py
 */
export function contrast(
  { factor }: { readonly factor: readonly [low: number, high: number] },
): Transform<readonly number[]> {
  return {
    name: "contrast",
    draw: (generator, { image }) =>
      Array.from({ length: image.shape[0] }, () => factorAroundOne(generator, factor)),
    apply: (sample, factors, mayOverwrite) =>
      changeChannels(sample, mayOverwrite, (values, channel) => {
        const stretch = factors[channel];
        // Drawn towards the mean, no value leaves the range.
        if (stretch <= 1) {
          const mean = meanOf(values);
          scaleAndShift(values, stretch, mean - mean * stretch);
        } else stretchWithin(values, stretch);
      }),
  };
}

/** Stretches values about their mean and cuts off what leaves the range that they had before. */
function stretchWithin(values: Float32Array, stretch: number) {
  const { mean, min, max } = meanAndRangeOf(values);
  const shift = mean - mean * stretch;
  // Few values are cut off. They are known beforehand, so that the others are only stored.
  const lowest = (min - shift) / stretch, highest = (max - shift) / stretch;
  const cut = (value: number) =>
    value < lowest ? min : value > highest ? max : value * stretch + shift;
  const even = values.length & ~1;
  for (let i = 0; i < even; i += 2) {
    const value = values[i], other = values[i + 1];
    values[i] = value * stretch + shift;
    values[i + 1] = other * stretch + shift;
    if (value < lowest || other < lowest || value > highest || other > highest) {
      values[i] = cut(value);
      values[i + 1] = cut(other);
    }
  }
  if (even < values.length) values[even] = cut(values[even]);
}
