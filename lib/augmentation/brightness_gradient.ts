/** Adds smooth, spatially varying brightness. */

import type { Generator } from "../random/generator.ts";
import { drawBump, type GaussianBump, strengthOf } from "./gaussian_bump.ts";
import { changeChosen, drawForChannels, type Transform } from "./transform.ts";

/** A brightness gradient added to one channel. */
export interface BrightnessGradient {
  readonly bump: GaussianBump;
  /** Value added at the bump's maximum; negative values darken. */
  readonly strength: number;
}

/**
 * Adds a Gaussian bump to channels. The parameters are one bump per channel; undefined for channels
 * left unchanged.
 *
 * @param options.strength Draws a bump's strength.
 * @param options.channelProbability Probability that a channel is changed.
 * @see MIC-DKFZ/batchgeneratorsv2 0.3.6 transforms/local/brightness_gradient.py
 */
export function brightnessGradient(
  { strength, channelProbability }: {
    readonly strength: (generator: Generator) => number;
    readonly channelProbability: number;
  },
): Transform<readonly (BrightnessGradient | undefined)[]> {
  return {
    name: "brightnessGradient",
    draw: (generator, sample) =>
      drawForChannels(generator, sample, channelProbability, () => ({
        bump: drawBump(generator, sample.segmentation.shape),
        strength: strength(generator),
      })),
    apply: (sample, gradients, mayOverwrite) =>
      changeChosen(sample, gradients, mayOverwrite, (values, { bump, strength }) => {
        const shares = strengthOf(bump, sample.segmentation.shape);
        for (let i = 0; i < values.length; i++) values[i] += strength * shares[i];
      }),
  };
}
