/** Brightness augmentation by multiplying with a factor. */

import { stretch } from "../array/float_statistics.ts";
import { factorAroundOne } from "./factor_around_one.ts";
import { changeChannels, type Transform } from "./transform.ts";
import { requireKnown } from "../options/require_known.ts";

/**
 * Multiplies every channel by its own random factor. The parameters are one factor per channel.
 *
 * @param options.factor Range of factors, see {@link factorAroundOne}.
 * @returns The transform. Its parameters are one factor per channel.
 * @see MIC-DKFZ/batchgeneratorsv2 0.3.6 transforms/intensity/brightness.py,
 * MultiplicativeBrightnessTransform
 *
 * @example Doubled intensities
 * ```ts
 * import assert from "node:assert/strict";
 * import { brightness } from "nnunet/parts";
 *
 * const sample = {
 *   image: { shape: [1, 2, 2], data: Float32Array.of(1, 2, 3, 4) },
 *   segmentation: { shape: [2, 2], data: Int16Array.of(0, 0, 1, 1) },
 * };
 * const { image } = brightness({ factor: [0.75, 1.25] }).apply(sample, [2]);
 * assert.deepEqual(image.data, Float32Array.of(2, 4, 6, 8));
 * ```
 */
export function brightness(
  options: { readonly factor: readonly [low: number, high: number] },
): Transform<readonly number[]> {
  requireKnown(options, { factor: true }, "make brightness()");
  const { factor } = options;
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
