/** Additive noise, the same strength in every channel. */

import { fillWithNormals } from "../random/normal_noise.ts";
import { type Transform, withImageData } from "./transform.ts";

/** Noise for one sample. */
export interface NoiseParameters {
  /** Standard deviation in units of the normalised image. */
  readonly sigma: number;
  /** Standard normal values, one for every value of the image. */
  readonly noise: Float32Array;
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
    draw(generator, { image }) {
      const sigma = generator.uniform(low, high);
      const noise = new Float32Array(image.data.length);
      fillWithNormals(generator, noise);
      return { sigma, noise };
    },
    apply(sample, { sigma, noise }, mayOverwrite) {
      const values = mayOverwrite ? sample.image.data : sample.image.data.slice();
      for (let i = 0; i < values.length; i++) values[i] += sigma * noise[i];
      return withImageData(sample, values);
    },
  };
}
