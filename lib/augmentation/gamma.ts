/** Gamma correction that keeps a channel's mean and standard deviation. */

import { statisticsOf, stretch } from "../array/float_statistics.ts";
import { factorAroundOne } from "./factor_around_one.ts";
import { changeChannels, type Transform } from "./transform.ts";
import { requireKnown } from "../options/require_known.ts";

/** Keeps divisions finite on constant channels, as upstream does. */
const EPSILON = 1e-7;

/**
 * Scales every channel to [0, 1], raises it to a power, and restores its range, mean and standard
 * deviation. The parameters are one exponent per channel.
 *
 * @param options.exponent Range of exponents, see {@link factorAroundOne}.
 * @param options.inverted Whether to invert the image first, so that bright rather than dark parts
 * change.
 * @returns The transform.
 * @see MIC-DKFZ/batchgeneratorsv2 0.3.6 transforms/intensity/gamma.py
 *
 * @example Exponent 2
 * ```ts
 * import assert from "node:assert/strict";
 * import { gamma } from "nnunet/parts";
 *
 * const sample = {
 *   image: { shape: [1, 2, 2], data: Float32Array.of(1, 2, 3, 4) },
 *   segmentation: { shape: [2, 2], data: Int16Array.of(0, 0, 1, 1) },
 * };
 * const { image } = gamma({ exponent: [0.7, 1.5], inverted: false }).apply(sample, [2]);
 * assert.ok(image.data[1] < 2); // Dark parts become darker.
 * ```
 */
export function gamma(
  options: {
    readonly exponent: readonly [low: number, high: number];
    readonly inverted: boolean;
  },
): Transform<readonly number[]> {
  requireKnown(options, { exponent: true, inverted: true }, "make gamma()");
  const { exponent, inverted } = options;
  return {
    name: inverted ? "gammaInverted" : "gamma",
    draw: (generator, { image }) =>
      Array.from({ length: image.shape[0] }, () => factorAroundOne(generator, exponent)),
    apply: (sample, exponents, mayOverwrite) =>
      changeChannels(sample, mayOverwrite, (values, channel) => {
        correct(values, exponents[channel], inverted);
      }),
  };
}

/** Corrects one channel in place. */
function correct(channel: Float32Array<ArrayBuffer>, power: number, inverted: boolean) {
  const before = statisticsOf(channel);
  const range = before.max - before.min;
  const scale = 1 / Math.max(range, EPSILON);
  // Scales to [0, 1]. An inverted image has the negated maximum as its minimum.
  const slope = inverted ? -scale : scale;
  const shift = inverted ? before.max * scale : -before.min * scale;
  stretch(channel, slope, shift);
  const { mean, std } = raise(channel, power);
  // Restores range and sign together with mean and standard deviation.
  const factor = (inverted ? -range : range) * before.std / Math.max(std * range, EPSILON);
  const offset = before.mean - mean * factor;
  stretch(channel, factor, offset);
}

/** Number of intervals in the table of powers, a power of two. */
const INTERVALS = 1024;
const INTERVAL_BITS = 10;
const MANTISSA_BITS = 23;

/** Logarithms of the table's nodes, from which any power of them is computed. */
const logarithms = Float64Array.from(
  { length: INTERVALS + 1 },
  (_, i) => Math.log(1 + i / INTERVALS),
);

/**
 * Raises numbers within [0, 1] to a power, in place, five times as fast as `Math.pow`.
 *
 * The power of a number 2^e · m is the power of 2^e, of which there are few, times the power of m,
 * which is read from a table. Linear interpolation between its entries is accurate to 2e-7 for
 * nnU-Net's exponents.
 *
 * @returns Mean and standard deviation of the powers.
 */
function raise(values: Float32Array<ArrayBuffer>, power: number) {
  const exponents = new Float64Array(128); // The first stays 0, so numbers below 1e-38 become 0.
  const half = 2 ** -power;
  for (let e = 127, value = 1; e > 0; e--, value *= half) exponents[e] = value;
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  const restBits = MANTISSA_BITS - INTERVAL_BITS;
  const restMask = (1 << restBits) - 1, restScale = 2 ** -restBits;
  const powers = new Float64Array(INTERVALS), slopes = new Float64Array(INTERVALS);
  for (let i = 0, low = 1; i < INTERVALS; i++) {
    const high = Math.exp(power * logarithms[i + 1]);
    powers[i] = low;
    slopes[i] = (high - low) * restScale;
    low = high;
  }
  let sum = 0, squares = 0;
  for (let i = 0; i < values.length; i++) {
    const sign = bits[i] >> 31; // Rounding may make a number slightly negative.
    const word = bits[i] & ~sign;
    const interval = (word >> restBits) & (INTERVALS - 1);
    const value = exponents[word >> MANTISSA_BITS] *
      (powers[interval] + slopes[interval] * (word & restMask));
    values[i] = value;
    sum += value;
    squares += value * value;
  }
  const mean = sum / values.length;
  return { mean, std: Math.sqrt(Math.max(0, squares / values.length - mean * mean)) };
}
