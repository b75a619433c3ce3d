/** Additive noise, the same strength in every channel. */

import { addNormals, drawNoiseSeed, type NoiseSeed } from "../random/normal_noise.ts";
import { type Transform, withImageData } from "./transform.ts";

/** Noise for one sample. */
export interface NoiseParameters {
  /** Standard deviation in units of the normalised image. */
  readonly sigma: number;
  /** Standard normal values, one for every value of the image, or what they follow from. */
  readonly noise: Float32Array | NoiseSeed;
}

/**
 * Adds Gaussian noise whose standard deviation is uniform in a range.
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
