/** Contrast augmentation about a channel's mean. */

import { statisticsOf, stretch } from "../array/float_statistics.ts";
import { factorAroundOne } from "./factor_around_one.ts";
import { changeChosen, drawForChannels, type Transform } from "./transform.ts";
import { requireKnown } from "../options/require_known.ts";

/** Options of {@link contrast}. */
export interface ContrastOptions {
  /** Range of factors, see {@link factorAroundOne}. */
  readonly factor: readonly [low: number, high: number];
  /** Probability that a channel is changed, 1 by default. */
  readonly channelProbability?: number;
  /** Whether to clip results to the channel's original range, true by default. */
  readonly keepsRange?: boolean;
}

/**
 * Scales each channel's deviations from its mean by a random factor. The parameters are one factor
 * per channel; undefined for channels left unchanged.
 *
 * @param options Range of factors, and which channels change.
 * @returns The transform.
 * @see MIC-DKFZ/batchgeneratorsv2 0.3.6 transforms/intensity/contrast.py
 *
 * @example Doubled contrast
 * ```ts
 * import assert from "node:assert/strict";
 * import { contrast } from "nnunet/parts";
 *
 * const sample = {
 *   image: { shape: [1, 2, 2], data: Float32Array.of(1, 2, 3, 4) },
 *   segmentation: { shape: [2, 2], data: Int16Array.of(0, 0, 1, 1) },
 * };
 * const { image } = contrast({ factor: [0.75, 1.25], keepsRange: false }).apply(sample, [2]);
 * assert.deepEqual(image.data, Float32Array.of(-0.5, 1.5, 3.5, 5.5));
 * ```
 */
export function contrast(
  options: ContrastOptions,
): Transform<readonly (number | undefined)[]> {
  const known = { factor: true, channelProbability: true, keepsRange: true } as const;
  requireKnown(options, known, "make contrast()");
  const { factor, channelProbability = 1, keepsRange = true } = options;
  return {
    name: "contrast",
    draw: (generator, sample) =>
      drawForChannels(
        generator,
        sample,
        channelProbability,
        () => factorAroundOne(generator, factor),
      ),
    apply: (sample, factors, mayOverwrite) =>
      changeChosen(sample, factors, mayOverwrite, (values, scale) => {
        const before = statisticsOf(values);
        stretch(values, scale, before.mean * (1 - scale), keepsRange ? before : undefined);
      }),
  };
}
