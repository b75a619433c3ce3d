/** Additive Gaussian noise of the same strength in every channel. */

import { addNormals, drawNoiseSeed, type NoiseSeed } from "../random/normal_noise.ts";
import { type Transform, withImageData } from "./transform.ts";

/** Parameters of one sample's noise. */
export interface NoiseParameters {
  /** Standard deviation, in the normalised image's unit. */
  readonly sigma: number;
  /** Standard normal values, one per value of the image, or the seed that generates them. */
  readonly noise: Float32Array | NoiseSeed;
}

/**
 * Adds Gaussian noise whose standard deviation is drawn uniformly from a range.
 *
 * Upstream calls the range a variance but uses it as the standard deviation; so do we.
 *
 * @see MIC-DKFZ/batchgeneratorsv2 0.3.6 transforms/intensity/gaussian_noise.py
 */
export function gaussianNoise(
  { sigma: [low, high] }: { readonly sigma: readonly [low: number, high: number] },
): Transform<NoiseParameters> {
  return {
    name: "gaussianNoise",
    draw: (generator) => ({
      sigma: generator.uniform(low, high),
      noise: drawNoiseSeed(generator),
    }),
    apply(sample, { sigma, noise }, mayOverwrite) {
      const values = mayOverwrite ? sample.image.data : sample.image.data.slice();
      if (noise instanceof Float32Array) {
        for (let i = 0; i < values.length; i++) values[i] += sigma * noise[i];
      } else addNormals(values, noise, sigma);
      return withImageData(sample, values);
    },
  };
}
