/**
 * Computes instance normalisation, its gradient and leaky ReLU on blocked channels.
 *
 * Multiplying each channel by a number and adding another is a 1×1 convolution with as many groups
 * as channels, and ONNX Runtime applies a nonlinearity in the same pass. The sum of products of two
 * images is such a convolution too, with one image as the kernel, so that no array of an image's
 * size is written.
 */

import type { Shape } from "../../array/nd_array.ts";
import type { Value } from "../../graph/graph.ts";
import * as o from "../../graph/operators.ts";
import { extentsOf } from "./layout.ts";
import { type Activation, blockedConv, planeMeans } from "./operators.ts";

/** Values of a normalisation that its gradient needs. */
export interface Statistics {
  /** The image minus each channel's mean, blocked. */
  readonly centred: Value;
  /** 1 / √(variance + epsilon), (n · c) */
  readonly inverse: Value;
}

/** An affine function per channel: an image, and factors and offsets of shape (n · c). */
export interface Affine {
  /** The image, blocked. */
  readonly x: Value;
  readonly factor: Value;
  readonly offset: Value;
}

/** (z · n, c, y, x) → (z, n · c, y, x) */
function bySample(blocked: Value, depth: number): Value {
  const [count, channels, y, x] = blocked.shape;
  return o.reshape(blocked, [depth, count / depth * channels, y, x]);
}

/** Sums over voxels, per sample and channel: (n · c). */
export function sumOverVoxels(blocked: Value, depth: number): Value {
  const [, , y, x] = blocked.shape;
  const means = planeMeans(bySample(blocked, depth));
  const [, pairs] = means.shape;
  return o.mul(o.reduceSum(o.reshape(means, [depth, pairs]), [0]), y * x);
}

/** Sums products of two images over voxels, per sample and channel: (n · c). */
function dotOverVoxels(a: Value, b: Value, depth: number): Value {
  const [count, channels, y, x] = a.shape;
  const all = count * channels;
  const products = blockedConv(o.reshape(a, [1, all, y, x]), o.reshape(b, [all, 1, y, x]), {
    group: all,
  });
  return o.reduceSum(o.reshape(products, [depth, all / depth]), [0]);
}

/** Computes factor · x + offset, optionally with a sum and a nonlinearity in the same pass. */
export function applyAffine(
  { x, factor, offset }: Omit<Affine, "offset"> & { readonly offset?: Value },
  depth: number,
  { sum, activation }: { readonly sum?: Value; readonly activation?: Activation } = {},
): Value {
  const [pairs] = factor.shape;
  const result = blockedConv(bySample(x, depth), o.reshape(factor, [pairs, 1, 1, 1]), {
    bias: offset,
    sum: sum && bySample(sum, depth),
    activation,
    group: pairs,
  });
  return o.reshape(result, x.shape);
}

/** Repeats one value per channel to one per (sample, channel) pair. */
function perSample(perChannel: Value, batch: number): Value {
  const [channels] = perChannel.shape;
  const rows = o.expand(o.reshape(perChannel, [1, channels]), [batch, channels]);
  return o.reshape(rows, [batch * channels]);
}

/**
 * Computes an image's statistics, and the affine function that normalises each channel.
 *
 * Squares are summed after subtracting the mean: computed as a difference of sums, the variance
 * would cancel if a channel's mean is much larger than its deviation.
 *
 * @param x The image, blocked
 * @param shape Shape of the image, (n, c, …)
 * @returns Mean and variance have shape (n · c), as have factors and offsets.
 */
export function normalization(
  x: Value,
  shape: Shape,
  scale: Value,
  bias: Value,
  epsilon: number,
): {
  readonly statistics: Statistics;
  readonly affine: Affine;
  readonly mean: Value;
  readonly variance: Value;
} {
  const { batch, depth, plane } = extentsOf(shape);
  const voxels = depth * plane[0] * plane[1];
  const mean = o.mul(sumOverVoxels(x, depth), 1 / voxels);
  const [pairs] = mean.shape;
  const one = x.graph.constant("float32", [pairs], new Float32Array(pairs).fill(1));
  const centred = applyAffine({ x, factor: one, offset: o.neg(mean) }, depth);
  const variance = o.mul(dotOverVoxels(centred, centred, depth), 1 / voxels);
  const inverse = o.div(1, o.sqrt(o.add(variance, epsilon)));
  const factor = o.mul(perSample(scale, batch), inverse);
  return {
    statistics: { centred, inverse },
    affine: { x: centred, factor, offset: perSample(bias, batch) },
    mean,
    variance,
  };
}

/**
 * Computes the gradients of a normalisation. With the normalised image x̂ and L voxels, it is dx =
 * scale / σ · (dy − Σdy / L − x̂ · Σ(dy x̂) / L), which is an affine function of dy and the centred
 * image for each sample and channel.
 *
 * @param shape Shape of the image, (n, c, …)
 * @param dy Gradient of the output, blocked
 * @returns Gradients of image (blocked), scale and bias.
 */
export function normalizationGradient(
  shape: Shape,
  scale: Value,
  dy: Value,
  { centred, inverse }: Statistics,
): readonly [Value, Value, Value] {
  const { batch, channels, depth, plane } = extentsOf(shape);
  const voxels = depth * plane[0] * plane[1];
  const sumDy = sumOverVoxels(dy, depth);
  const dotNormalized = o.mul(inverse, dotOverVoxels(dy, centred, depth));
  const factorDy = o.mul(perSample(scale, batch), inverse);
  const factor = o.mul(o.mul(factorDy, inverse), o.div(dotNormalized, -voxels));
  const offset = o.mul(factorDy, o.div(sumDy, -voxels));
  const ofX = applyAffine({ x: centred, factor, offset }, depth);
  const dx = applyAffine({ x: dy, factor: factorDy }, depth, { sum: ofX });
  const overBatch = (value: Value) => o.reduceSum(o.reshape(value, [batch, channels]), [0]);
  return [dx, overBatch(dotNormalized), overBatch(sumDy)];
}

/**
 * Returns the slope of a leaky ReLU from its output: 1 or alpha.
 *
 * @param y The output, blocked
 */
export function leakySlope(y: Value, alpha: number): Value {
  const [count, channels, height, width] = y.shape;
  const all = count * channels;
  // With so large a factor, every value is clipped to one of the two limits.
  const steep = y.graph.constant("float32", [all, 1, 1, 1], new Float32Array(all).fill(2 ** 100));
  const slope = blockedConv(o.reshape(y, [1, all, height, width]), steep, {
    group: all,
    activation: { clip: [alpha, 1] },
  });
  return o.reshape(slope, y.shape);
}
