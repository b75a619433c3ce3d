/** Contrast about a channel's mean. */

import { statisticsOf } from "./channel_statistics.ts";
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
        const { min, max, mean } = statisticsOf(values);
        const stretch = factors[channel];
        const shift = mean - mean * stretch;
        for (let i = 0; i < values.length; i++) {
          const value = values[i] * stretch + shift;
          values[i] = value < min ? min : value > max ? max : value;
        }
      }),
  };
}
