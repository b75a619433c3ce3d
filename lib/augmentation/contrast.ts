/** Contrast about a channel's mean. */

import { statisticsOf, stretch } from "./channel_statistics.ts";
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
        const before = statisticsOf(values);
        stretch(values, factors[channel], before.mean * (1 - factors[channel]), before);
      }),
  };
}
