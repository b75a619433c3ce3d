/** nnU-Net's "DA5" augmentation: more and stronger transforms than the default. */

import type { Shape } from "../array/nd_array.ts";
import type { Generator } from "../random/generator.ts";
import { additiveBrightness } from "./additive_brightness.ts";
import { axisOrder, quarterTurns } from "./axis_exchange.ts";
import { blankRectangles } from "./blank_rectangles.ts";
import { brightnessGradient } from "./brightness_gradient.ts";
import { contrast } from "./contrast.ts";
import { gamma } from "./gamma.ts";
import { gaussianBlur } from "./gaussian_blur.ts";
import { gaussianNoise } from "./gaussian_noise.ts";
import { localGamma } from "./local_gamma.ts";
import { lowResolution } from "./low_resolution.ts";
import { medianFilter } from "./median_filter.ts";
import { mirroring } from "./mirroring.ts";
import { sharpening } from "./sharpening.ts";
import { spatial, type SpatialOptions } from "./spatial.ts";
import { oneOf, type Transform, withProbability } from "./transform.ts";

/** Smallest scaling drawn; unlike the default's, the enlarged patch has data for all of it. */
export const DA5_SMALLEST_SCALING = 0.7;

/**
 * Returns DA5's transforms in order, without the final steps that prepare samples for the network.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/training/nnUNetTrainer/variants/data_augmentation/
 * nnUNetTrainerDA5.py
 */
export function da5Transforms(
  rotation: Pick<SpatialOptions, "patchSize" | "slicewise" | "maxRotation" | "nearest" | "elastic">,
  mirrorAxes: readonly number[],
): Transform[] {
  const { patchSize, slicewise } = rotation;
  const channelProbability = 0.5;
  const exponent = [0.7, 1.5] as const, factor = [0.5, 2] as const;
  const axes = alikeAxes(patchSize);
  return [
    spatial({
      ...rotation,
      rotationProbability: 0.4,
      axisProbability: 0.5,
      scalingProbability: 0.2,
      scaling: [DA5_SMALLEST_SCALING, 1.43],
      scalesAxesAlike: false,
    }),
    ...axes.length < 2 ? [] : [
      withProbability(0.5, quarterTurns({ axes })),
      withProbability(0.5, axisOrder({ axes })),
    ],
    oneOf([
      withProbability(0.2, medianFilter({ size: [2, 8], channelProbability })),
      withProbability(
        0.2,
        gaussianBlur({ sigma: [0.3, 1.5], channelProbability, blursAxesAlike: true }),
      ),
    ]),
    withProbability(0.1, gaussianNoise({ sigma: [0, 0.1] })),
    withProbability(0.1, additiveBrightness({ sigma: 0.5, channelProbability })),
    oneOf([
      withProbability(0.2, contrast({ factor, channelProbability })),
      withProbability(0.2, contrast({ factor, channelProbability, keepsRange: false })),
    ]),
    withProbability(
      0.15,
      lowResolution({ scale: [0.25, 1], channelProbability, withinSlices: slicewise }),
    ),
    // Upstream inverts the image in both.
    withProbability(0.1, gamma({ exponent, inverted: true })),
    withProbability(0.1, gamma({ exponent, inverted: true })),
    mirroring({ axes: mirrorAxes }),
    withProbability(
      0.4,
      blankRectangles({
        size: patchSize.map((extent) => [
          Math.max(1, Math.floor(extent / 10)),
          Math.floor(extent / 3),
        ]),
        count: [1, 5],
        channelProbability,
      }),
    ),
    withProbability(
      0.3,
      brightnessGradient({
        strength: (generator) => fromEither(generator, [-5, -1], [1, 5]),
        channelProbability,
      }),
    ),
    withProbability(
      0.3,
      localGamma({
        exponent: (generator) => fromEither(generator, [0.01, 0.8], [1.5, 4]),
        channelProbability,
      }),
    ),
    withProbability(0.2, sharpening({ strength: [0.1, 1], channelProbability })),
  ];
}

/** Returns the axes that share the most common extent; none if all extents differ. */
function alikeAxes(patchSize: Shape): number[] {
  const counts = patchSize.map((extent) => patchSize.filter((other) => other === extent).length);
  const most = Math.max(...counts);
  if (most < 2) return [];
  return patchSize.flatMap((_, axis) => counts[axis] === most ? [axis] : []);
}

/** Draws uniformly from one of two ranges, each with probability ½. */
function fromEither(
  generator: Generator,
  first: readonly [low: number, high: number],
  second: readonly [low: number, high: number],
): number {
  return generator.uniform() < 0.5 ? generator.uniform(...first) : generator.uniform(...second);
}
