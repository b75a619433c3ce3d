/** Gamma correction that keeps a channel's mean and standard deviation. */

import { factorAroundOne } from "./factor_around_one.ts";
import { type Transform, withImageData } from "./transform.ts";

/** Keeps divisions finite on constant channels, as upstream does. */
const EPSILON = 1e-7;

/**
 * Raises every channel, stretched to [0, 1], to a power and gives it its range, mean and standard
 * deviation back. Parameters are the exponents, one for each channel.
 *
 * @param options.exponent Range of exponents, see {@link factorAroundOne}.
 * @param options.inverted Correct the negative of the image: bright parts change instead of dark.
 * @see MIC-DKFZ/batchgeneratorsv2 0.3.6 transforms/intensity/gamma.py
 */
export function gamma(
  { exponent, inverted }: {
    readonly exponent: readonly [low: number, high: number];
    readonly inverted: boolean;
  },
): Transform<readonly number[]> {
  return {
    name: inverted ? "gammaInverted" : "gamma",
    draw: (generator, { image }) =>
      Array.from({ length: image.shape[0] }, () => factorAroundOne(generator, exponent)),
    apply(sample, exponents) {
      const values = sample.image.data.slice();
      const voxels = values.length / exponents.length;
      exponents.forEach((power, channel) => {
        correct(values.subarray(channel * voxels, (channel + 1) * voxels), power, inverted);
      });
      return withImageData(sample, values);
    },
  };
}

/** Corrects one channel in place. */
function correct(channel: Float32Array, power: number, inverted: boolean) {
  const before = statisticsOf(channel);
  const range = before.max - before.min;
  const scale = 1 / Math.max(range, EPSILON);
  for (let i = 0; i < channel.length; i++) {
    const value = channel[i];
    // The negative's minimum is minus our maximum.
    channel[i] = inverted
      ? before.max - Math.pow((before.max - value) * scale, power) * range
      : before.min + Math.pow((value - before.min) * scale, power) * range;
  }
  const after = statisticsOf(channel);
  const stretch = before.std / Math.max(after.std, EPSILON);
  for (let i = 0; i < channel.length; i++) {
    channel[i] = (channel[i] - after.mean) * stretch + before.mean;
  }
}

/** Mean, standard deviation and range, in one pass. */
function statisticsOf(values: Float32Array) {
  // Deviations from the first value: sums of squares about zero lose digits where the mean is far.
  const pivot = values[0];
  let min = pivot, max = pivot, sum = 0, squares = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    const deviation = value - pivot;
    sum += deviation;
    squares += deviation * deviation;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const variance = (squares - sum * sum / values.length) / values.length;
  return {
    min,
    max,
    mean: pivot + sum / values.length,
    std: Math.sqrt(Math.max(variance, 0)),
  };
}
