/** Contrast augmentation about a channel's mean. */

import { statisticsOf, stretch } from "../array/float_statistics.ts";
import { factorAroundOne } from "./factor_around_one.ts";
import { changeChosen, drawForChannels, type Transform } from "./transform.ts";

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
 * @see MIC-DKFZ/batchgeneratorsv2 0.3.6 transforms/intensity/contrast.py
 */
export function contrast(
  { factor, channelProbability = 1, keepsRange = true }: ContrastOptions,
): Transform<readonly (number | undefined)[]> {
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
