/** Normalises intensities in place: one function per scheme, each for one channel. */

import type { SignedLabels } from "../array/labels.ts";
import { standardize, statisticsOf } from "../array/float_statistics.ts";
import { type NdArray, sizeOf } from "../array/nd_array.ts";
import type { IntensityProperties, NormalizationScheme } from "../files/plans.ts";

/** Lower bound of a divisor, so that constant images do not become infinite. */
const EPSILON = 1e-8;

/** Inputs of a scheme besides the values. */
export interface NormalizationContext {
  /** Labels of the same voxels; those with a negative label are excluded. Default: none is. */
  readonly segmentation?: SignedLabels;
  /** This channel's intensity statistics over the foreground of the whole data set. */
  readonly intensity?: IntensityProperties;
}

/** A function that normalises one channel in place. */
export type Normalization = (values: Float32Array, context: NormalizationContext) => void;

/**
 * The five schemes by their names in nnU-Net.
 *
 * @see MIC-DKFZ/nnUNet@0e495086
 * nnunetv2/preprocessing/normalization/default_normalization_schemes.py
 */
export const normalizations: Readonly<Record<NormalizationScheme, Normalization>> = {
  ZScoreNormalization: zScore,
  CTNormalization: clipAndStandardize,
  NoNormalization: () => {},
  RescaleTo01Normalization: rescaleTo01,
  RGBTo01Normalization: rgbTo01,
};

/**
 * Normalises every channel in place.
 *
 * @param data Intensities, (c, z, y, x).
 * @param segmentation Labels, (z, y, x), negative outside the scanned object.
 * @param options The scheme, the use of the mask and the foreground statistics of each channel.
 * @throws {TypeError} If the numbers of schemes and channels differ, or a CT channel has no
 * statistics.
 * @throws {RangeError} If an RGB channel has values outside [0, 255].
 */
export function normalize(
  data: NdArray,
  segmentation: NdArray<SignedLabels>,
  { schemes, useMask, intensityProperties }: {
    readonly schemes: readonly NormalizationScheme[];
    readonly useMask: readonly boolean[];
    readonly intensityProperties: readonly IntensityProperties[];
  },
) {
  const channels = data.shape[0];
  if (schemes.length !== channels) {
    throw new TypeError(
      `Cannot normalise: image has ${channels} channels, expected the plan's ${schemes.length}`,
    );
  }
  const size = sizeOf(data.shape.slice(1));
  schemes.forEach((scheme, channel) =>
    normalizations[scheme](data.data.subarray(channel * size, (channel + 1) * size), {
      segmentation: useMask[channel] ? segmentation.data : undefined,
      intensity: intensityProperties[channel],
    })
  );
}

/** Scales to mean 0 and population standard deviation 1, measured on this image alone. */
function zScore(values: Float32Array, { segmentation }: NormalizationContext) {
  if (segmentation) return zScoreInside(values, segmentation);
  const { mean, std } = statisticsOf(values);
  standardize(values, mean, 1 / Math.max(std, EPSILON));
}

/** As `zScore()`, of voxels with a non-negative label; the others keep their value, normally 0. */
function zScoreInside(values: Float32Array, segmentation: SignedLabels) {
  // One pass for both moments: float64 sums relative to a value of the image are precise enough.
  const origin = values[values.length >> 1];
  let count = 0;
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    if (segmentation[i] < 0) continue;
    const value = values[i] - origin;
    sum += value;
    squares += value * value;
    count++;
  }
  if (count === 0) return;
  const mean = origin + sum / count;
  const variance = Math.max(squares / count - (sum / count) ** 2, 0);
  const scale = 1 / Math.max(Math.sqrt(variance), EPSILON);
  for (let i = 0; i < values.length; i++) {
    if (segmentation[i] < 0) continue;
    values[i] = (values[i] - mean) * scale;
  }
}

/** Clips to the data set's 0.5 and 99.5 percentiles, then standardises with its mean and std. */
function clipAndStandardize(values: Float32Array, { intensity }: NormalizationContext) {
  if (!intensity) {
    throw new TypeError(
      "Cannot normalise CT: the plan has no intensity statistics for this channel",
    );
  }
  const { percentile005: min, percentile995: max, mean, std } = intensity;
  standardize(values, mean, 1 / Math.max(std, EPSILON), { min, max });
}

/** Scales linearly so that the smallest value becomes 0 and the largest 1. */
function rescaleTo01(values: Float32Array) {
  const { min, max } = statisticsOf(values);
  standardize(values, min, 1 / Math.max(max - min, EPSILON));
}

/** Scales from [0, 255] to [0, 1]. */
function rgbTo01(values: Float32Array) {
  const { min, max } = statisticsOf(values);
  if (min < 0 || max > 255) {
    throw new RangeError(
      `Cannot normalise RGB: image has values from ${min} to ${max}, expected 0 to 255`,
    );
  }
  standardize(values, 0, 1 / 255);
}
