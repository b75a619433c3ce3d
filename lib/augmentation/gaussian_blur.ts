/** Smoothing of images. */

import { roundHalfToEven } from "../array/rounding.ts";
import { type HalfKernel, smoothVolume } from "./smooth_volume.ts";
import { changeChosen, drawForChannels, type Transform } from "./transform.ts";
import { asVolumeShape } from "./volume_shape.ts";

/** How often and how much channels are smoothed. */
export interface BlurOptions {
  /** Range of standard deviations in voxels. */
  readonly sigma: readonly [low: number, high: number];
  /** Probability that a channel is smoothed. */
  readonly channelProbability: number;
  /** Whether a channel has one standard deviation along all axes, false by default. */
  readonly blursAxesAlike?: boolean;
}

/** Standard deviations of the whole width of a kernel. */
const KERNEL_WIDTH = 6;

/** The kernel along the axis that slices lack. */
const UNCHANGED: HalfKernel = Float64Array.of(1);

/**
 * Convolves channels with a Gaussian, mirrored at the borders. Parameters are the standard
 * deviations in voxels along each axis, for each channel; undefined where it stays as it is.
 *
 * @see MIC-DKFZ/batchgeneratorsv2 0.3.6 transforms/noise/gaussian_blur.py
 */
export function gaussianBlur(
  { sigma, channelProbability, blursAxesAlike = false }: BlurOptions,
): Transform<readonly (readonly number[] | undefined)[]> {
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
 * Weights at the distances 0, 1, 2, … from the middle of a Gaussian kernel, whose sum is 1 with all
 * but the first counted twice.
 *
 * @param sigma In voxels, above 0.
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

/** The nearest odd number, of two the one on the side that the value is rounded from. */
function nearestOdd(value: number): number {
  const rounded = roundHalfToEven(value);
  if (rounded % 2 !== 0) return rounded;
  return value >= rounded ? rounded + 1 : rounded - 1;
}
