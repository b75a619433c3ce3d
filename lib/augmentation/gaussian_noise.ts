/** Additive Gaussian noise of the same strength in every channel. */

import { addNormals, drawNoiseSeed, type NoiseSeed } from "../random/normal_noise.ts";
import { type Transform, withImageData } from "./transform.ts";
import { requireKnown } from "../options/require_known.ts";

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
 * @param options.sigma Range of standard deviations, in the normalised image's unit.
 * @returns The transform.
 * @see MIC-DKFZ/batchgeneratorsv2 0.3.6 transforms/intensity/gaussian_noise.py
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createGenerator, gaussianNoise } from "nnunet/parts";
 *
 * const sample = {
 *   image: { shape: [1, 2, 2], data: Float32Array.of(1, 2, 3, 4) },
 *   segmentation: { shape: [2, 2], data: Int16Array.of(0, 0, 1, 1) },
 * };
 * const noise = gaussianNoise({ sigma: [0, 0.1] });
 * const parameters = noise.draw(createGenerator(0), sample);
 * assert.ok(parameters.sigma < 0.1);
 * assert.notDeepEqual(noise.apply(sample, parameters).image, sample.image);
 * ```
 */
export function gaussianNoise(
  options: { readonly sigma: readonly [low: number, high: number] },
): Transform<NoiseParameters> {
  requireKnown(options, { sigma: true }, "make gaussianNoise()");
  const [low, high] = options.sigma;
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
