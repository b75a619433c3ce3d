/** Varies nnU-Net's transforms by one parameter each, to show their effect on a sample. */

import type { Shape } from "../array/nd_array.ts";
import { createGenerator } from "../random/generator.ts";
import { planAugmentation } from "./augmentation_plan.ts";
import { brightness } from "./brightness.ts";
import { contrast } from "./contrast.ts";
import { gamma } from "./gamma.ts";
import { gaussianBlur } from "./gaussian_blur.ts";
import { gaussianNoise } from "./gaussian_noise.ts";
import { lowResolution } from "./low_resolution.ts";
import { nnunetProbabilities, nnunetRanges } from "./nnunet_pipeline.ts";
import { spatial } from "./spatial.ts";
import type { Sample } from "./transform.ts";

/** A transform controlled by a single number. */
export interface TransformSweep {
  /** The transform's name; rotation and scaling are one transform, but two sweeps. */
  readonly name: string;
  /** What the number means, with its unit. */
  readonly parameter: string;
  /** The range that nnU-Net draws the number from. */
  readonly range: readonly [low: number, high: number];
  /** The number with the least effect or none. */
  readonly neutral: number;
  /** Probability that a training sample is transformed. */
  readonly probability: number;
  /** Transforms a sample with this number in every channel and along every axis. */
  apply(sample: Sample, value: number): Sample;
}

const SEED = 1;

/**
 * Returns a sweep for each number that nnU-Net draws for patches of this shape.
 *
 * @param patchSize Voxels per axis, (z, y, x) or (y, x).
 * @returns The sweeps, in the order of nnU-Net's transforms.
 *
 * @example Five strengths of every transform
 * ```ts
 * import assert from "node:assert/strict";
 * import { transformSweeps } from "nnunet/parts";
 *
 * const sample = {
 *   image: { shape: [1, 8, 8], data: Float32Array.from({ length: 64 }, (_, i) => i) },
 *   segmentation: { shape: [8, 8], data: new Int16Array(64) },
 * };
 * for (const { range: [low, high], apply } of transformSweeps([8, 8])) {
 *   const values = Array.from({ length: 5 }, (_, i) => low + (high - low) * i / 4);
 *   const images = values.map((value) => apply(sample, value).image);
 *   assert.deepEqual(images[0].shape, [1, 8, 8]);
 * }
 * ```
 */
export function transformSweeps(patchSize: Shape): TransformSweep[] {
  const { maxRotation, slicewise } = planAugmentation(patchSize);
  const { scaling, sigma, blur, factor, scale, exponent } = nnunetRanges;
  const rotation = spatial({
    patchSize,
    slicewise,
    maxRotation,
    scaling,
    rotationProbability: 1,
    scalingProbability: 1,
  });
  const angles = slicewise || patchSize.length === 2 ? 1 : 3;
  const noRotation = Array.from({ length: angles }, () => 0);
  const noise = gaussianNoise({ sigma });
  const blurred = gaussianBlur({ sigma: blur, channelProbability: 1 });
  const lowRes = lowResolution({ scale, channelProbability: 1, withinSlices: slicewise });
  const everyChannel = <T>({ image }: Sample, value: T) => Array<T>(image.shape[0]).fill(value);
  const factors = [
    { transform: brightness({ factor }), parameter: "factor", range: factor },
    { transform: contrast({ factor }), parameter: "factor about the mean", range: factor },
    { transform: gamma({ exponent, inverted: true }), parameter: "exponent", range: exponent },
    { transform: gamma({ exponent, inverted: false }), parameter: "exponent", range: exponent },
  ];
  return [
    {
      name: "rotation",
      parameter: "angle about the first axis, in radians",
      range: [-maxRotation, maxRotation],
      neutral: 0,
      probability: nnunetProbabilities.spatial,
      apply: (sample, value) =>
        rotation.apply(sample, { angles: [value, ...noRotation.slice(1)], scaling: 1 }),
    },
    {
      name: "scaling",
      parameter: "factor on the sampling grid",
      range: scaling,
      neutral: 1,
      probability: nnunetProbabilities.spatial,
      apply: (sample, value) => rotation.apply(sample, { angles: noRotation, scaling: value }),
    },
    {
      name: noise.name,
      parameter: "standard deviation",
      range: sigma,
      neutral: 0,
      probability: nnunetProbabilities.gaussianNoise,
      apply(sample, value) {
        const drawn = noise.draw(createGenerator(SEED), sample);
        return noise.apply(sample, { ...drawn, sigma: value });
      },
    },
    {
      name: blurred.name,
      parameter: "standard deviation in voxels",
      range: blur,
      neutral: blur[0],
      probability: nnunetProbabilities.gaussianBlur,
      apply: (sample, value) =>
        blurred.apply(sample, everyChannel(sample, sample.image.shape.slice(1).map(() => value))),
    },
    {
      name: lowRes.name,
      parameter: "fraction of voxels kept along an axis",
      range: scale,
      neutral: 1,
      probability: nnunetProbabilities.lowResolution,
      apply: (sample, value) => lowRes.apply(sample, everyChannel(sample, value)),
    },
    ...factors.map(({ transform, parameter, range }): TransformSweep => ({
      name: transform.name,
      parameter,
      range,
      neutral: 1,
      probability: nnunetProbabilities[transform.name as keyof typeof nnunetProbabilities],
      apply: (sample, value) => transform.apply(sample, everyChannel(sample, value)),
    })),
  ];
}
