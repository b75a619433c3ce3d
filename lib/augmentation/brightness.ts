/** Brightness augmentation by multiplying with a factor. */

import { stretch } from "../array/float_statistics.ts";
import { factorAroundOne } from "./factor_around_one.ts";
import { changeChannels, type Transform } from "./transform.ts";

/**
 * Multiplies every channel by its own random factor. The parameters are one factor per channel.
 *
 * @param options.factor Range of factors, see {@link factorAroundOne}.
 * @see MIC-DKFZ/batchgeneratorsv2 0.3.6 transforms/intensity/brightness.py,
 * MultiplicativeBrightnessTransform
 */
export function brightness(
  { factor }: { readonly factor: readonly [low: number, high: number] },
): Transform<readonly number[]> {
  return {
    name: "brightness",
    draw: (generator, { image }) =>
      Array.from({ length: image.shape[0] }, () => factorAroundOne(generator, factor)),
    apply: (sample, factors, mayOverwrite) =>
      changeChannels(sample, mayOverwrite, (values, channel) => {
        stretch(values, factors[channel], 0);
      }),
  };
}
