/** Smooth, spatially varying gamma correction. */

import type { Generator } from "../random/generator.ts";
import { statisticsOf } from "../array/float_statistics.ts";
import { drawBump, type GaussianBump, strengthOf } from "./gaussian_bump.ts";
import { changeChosen, drawForChannels, type Transform } from "./transform.ts";

/** A local gamma correction of one channel. */
export interface LocalGamma {
  /** Weight of the corrected value at each voxel. */
  readonly bump: GaussianBump;
  readonly exponent: number;
}

/** Keeps divisions finite on constant channels, as upstream does. */
const EPSILON = 1e-8;

/**
 * Blends channels with their gamma-corrected values, weighted by a Gaussian bump. Values are scaled
 * to [0, 1] for the correction. The parameters are a bump and an exponent per channel; undefined for
 * channels left unchanged.
 *
 * @param options.exponent Draws an exponent.
 * @param options.channelProbability Probability that a channel is changed.
 * @see MIC-DKFZ/batchgeneratorsv2 0.3.6 transforms/local/local_gamma.py
 */
export function localGamma(
  { exponent, channelProbability }: {
    readonly exponent: (generator: Generator) => number;
    readonly channelProbability: number;
  },
): Transform<readonly (LocalGamma | undefined)[]> {
  return {
    name: "localGamma",
    draw: (generator, sample) =>
      drawForChannels(generator, sample, channelProbability, () => ({
        bump: drawBump(generator, sample.segmentation.shape),
        exponent: exponent(generator),
      })),
    apply: (sample, corrections, mayOverwrite) =>
      changeChosen(sample, corrections, mayOverwrite, (values, { bump, exponent }) => {
        const shares = strengthOf(bump, sample.segmentation.shape);
        const { min, max } = statisticsOf(values);
        const range = Math.max(max - min, EPSILON);
        for (let i = 0; i < values.length; i++) {
          const value = (values[i] - min) / range;
          const corrected = value ** exponent;
          values[i] = (value + shares[i] * (corrected - value)) * range + min;
        }
      }),
  };
}
