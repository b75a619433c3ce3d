/** Contrast about a channel's mean. */

import { statisticsOf, stretch } from "../array/float_statistics.ts";
import { factorAroundOne } from "./factor_around_one.ts";
import { changeChosen, drawForChannels, type Transform } from "./transform.ts";

/** How much and how often channels are stretched. */
export interface ContrastOptions {
  /** Range of factors, see {@link factorAroundOne}. */
  readonly factor: readonly [low: number, high: number];
  /** Probability that a channel is stretched, 1 by default. */
  readonly channelProbability?: number;
  /** Whether to cut off what leaves the range that a channel had, true by default. */
  readonly keepsRange?: boolean;
}

/**
 * Stretches channels about their mean, each by a factor of its own. Parameters are the factors;
 * undefined where a channel stays as it is.
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
