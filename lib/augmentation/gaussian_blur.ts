/** Gaussian blur augmentation. */

import { roundHalfToEven } from "../array/rounding.ts";
import { type HalfKernel, smoothVolume } from "./smooth_volume.ts";
import { changeChosen, drawForChannels, type Transform } from "./transform.ts";
import { asVolumeShape } from "./volume_shape.ts";
import { requireKnown } from "../options/require_known.ts";

/** Options of {@link gaussianBlur}. */
export interface BlurOptions {
  /** Range of standard deviations in voxels. */
  readonly sigma: readonly [low: number, high: number];
  /** Probability that a channel is blurred. */
  readonly channelProbability: number;
  /** Whether to use the same standard deviation along all axes, false by default. */
  readonly blursAxesAlike?: boolean;
}

/** Width of the kernel in standard deviations. */
const KERNEL_WIDTH = 6;

/** Identity kernel, for the z axis of slices. */
const UNCHANGED: HalfKernel = Float64Array.of(1);

/**
 * Convolves channels with a Gaussian, mirrored at the borders. The parameters are, per channel, the
 * standard deviations in voxels along each axis; undefined for channels left unchanged.
 *
 * @param options Range of standard deviations, and which channels change.
 * @returns The transform.
 * @see MIC-DKFZ/batchgeneratorsv2 0.3.6 transforms/noise/gaussian_blur.py
 *
 * @example A standard deviation of one pixel along both axes
 * ```ts
 * import assert from "node:assert/strict";
 * import { gaussianBlur } from "nnunet/parts";
 *
 * const sample = {
 *   image: { shape: [1, 2, 2], data: Float32Array.of(1, 2, 3, 4) },
 *   segmentation: { shape: [2, 2], data: Int16Array.of(0, 0, 1, 1) },
 * };
 * const blur = gaussianBlur({ sigma: [0.5, 1], channelProbability: 1 });
 * const { image } = blur.apply(sample, [[1, 1]]);
 * assert.ok(image.data[0] > 1 && image.data[3] < 4);
 * ```
 */
export function gaussianBlur(
  options: BlurOptions,
): Transform<readonly (readonly number[] | undefined)[]> {
  const known = { sigma: true, channelProbability: true, blursAxesAlike: true } as const;
  requireKnown(options, known, "make gaussianBlur()");
  const { sigma, channelProbability, blursAxesAlike = false } = options;
  return {
    name: "gaussianBlur",
    draw: (generator, sample) =>
      drawForChannels(generator, sample, channelProbability, () => {
        const drawn = sample.segmentation.shape.map(() => generator.uniform(...sigma));
        return blursAxesAlike ? drawn.map(() => drawn[0]) : drawn;
      }),
    apply(sample, sigmas, mayOverwrite) {
      const shape = asVolumeShape(sample.segmentation.shape);
      return changeChosen(sample, sigmas, mayOverwrite, (values, chosen) => {
        const [kernelX, kernelY, kernelZ = UNCHANGED] = chosen.map(gaussianKernel).reverse();
        smoothVolume(values, shape, [kernelZ, kernelY, kernelX]);
      });
    },
  };
}

/**
 * Returns the weights at distances 0, 1, 2, … from the centre of a Gaussian kernel, normalised so
 * that the full kernel sums to 1.
 *
 * @param sigma Standard deviation in voxels, above 0.
 */
export function gaussianKernel(sigma: number): HalfKernel {
  const radius = (nearestOdd(sigma * KERNEL_WIDTH + 0.5) - 1) / 2;
  const weights = Float64Array.from(
    { length: radius + 1 },
    (_, distance) => Math.exp(-0.5 * (distance / sigma) ** 2),
  );
  const sum = weights.reduce(
    (total, weight, distance) => total + (distance > 0 ? 2 : 1) * weight,
    0,
  );
  return weights.map((weight) => weight / sum);
}

/** Returns the nearest odd number; an even number rounds towards the unrounded value's side. */
function nearestOdd(value: number): number {
  const rounded = roundHalfToEven(value);
  if (rounded % 2 !== 0) return rounded;
  return value >= rounded ? rounded + 1 : rounded - 1;
}
