/** Contrast about a channel's mean. */

import { meanOf, rangeOf, scaleAndShift } from "./channel_statistics.ts";
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
        const mean = meanOf(values);
        // Drawn towards the mean, no value leaves the range.
        if (stretch <= 1) scaleAndShift(values, stretch, mean - mean * stretch);
        else stretchWithin(values, stretch, mean - mean * stretch);
      }),
  };
}

/** `value · stretch + shift`, cut off where it leaves the range that the values had before. */
function stretchWithin(values: Float32Array, stretch: number, shift: number) {
  const { min, max } = rangeOf(values);
  // Few values are cut off. They are known beforehand, so that the others are only stored.
  const lowest = (min - shift) / stretch, highest = (max - shift) / stretch;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value < lowest) values[i] = min;
    else if (value > highest) values[i] = max;
    else values[i] = value * stretch + shift;
  }
}
