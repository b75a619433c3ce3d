/**
 * Instance normalisation, its gradient and leaky ReLU on blocked channels.
 *
 * Multiplying each channel by a number and adding another is a 1×1 convolution with as many groups
 * as channels, and ONNX Runtime applies a nonlinearity in the same pass. The sum of products of two
 * images is such a convolution too, with one image as the kernel, so nothing of an image's size is
 * written.
 */

import type { Shape } from "../../array/nd_array.ts";
import type { Value } from "../../graph/graph.ts";
import * as o from "../../graph/operators.ts";
import { extentsOf } from "./layout.ts";
import { type Activation, blockedConv, planeMeans } from "./operators.ts";

/** What normalizing an image computes that its gradient needs. */
export interface Statistics {
  /** The image minus each channel's mean, blocked. */
  readonly centred: Value;
  /** 1 / √(variance + epsilon), (n · c) */
  readonly inverse: Value;
}

/** A channel's factor and offset, (n · c) each. */
export interface Affine {
  /** Blocked */
  readonly x: Value;
  readonly factor: Value;
  readonly offset: Value;
}

/** (z · n, c, y, x) → (z, n · c, y, x) */
function bySample(blocked: Value, depth: number): Value {
  const [count, channels, y, x] = blocked.shape;
  return o.reshape(blocked, [depth, count / depth * channels, y, x]);
}

/** Sum over a sample's voxels, channel by channel: (n · c). */
export function sumOverVoxels(blocked: Value, depth: number): Value {
  const [, , y, x] = blocked.shape;
  const means = planeMeans(bySample(blocked, depth));
  const [, pairs] = means.shape;
  return o.mul(o.reduceSum(o.reshape(means, [depth, pairs]), [0]), y * x);
}

/** Sum of products over a sample's voxels, channel by channel: (n · c). */
function dotOverVoxels(a: Value, b: Value, depth: number): Value {
  const [count, channels, y, x] = a.shape;
  const all = count * channels;
  const products = blockedConv(o.reshape(a, [1, all, y, x]), o.reshape(b, [all, 1, y, x]), {
    group: all,
  });
  return o.reduceSum(o.reshape(products, [depth, all / depth]), [0]);
}

/** factor · x + offset, optionally with a sum and a nonlinearity in the same pass. */
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

/** One value per channel → one per (sample, channel) pair. */
function perSample(perChannel: Value, batch: number): Value {
  const [channels] = perChannel.shape;
  const rows = o.expand(o.reshape(perChannel, [1, channels]), [batch, channels]);
  return o.reshape(rows, [batch * channels]);
}

/**
 * Statistics of an image, and the affine function by which normalizing changes each channel.
 *
 * Squares are summed after subtracting the mean: as a difference of sums, the variance would lose its
 * digits where a channel's mean is far above its deviation.
 *
 * @param x Blocked
 * @param shape The image's, (n, c, …)
 */
export function normalization(
  x: Value,
  shape: Shape,
  scale: Value,
  bias: Value,
  epsilon: number,
): { readonly statistics: Statistics; readonly affine: Affine } {
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
  };
}

/**
 * With x̂ the normalised image and L voxels: dx = scale / σ · (dy − Σdy / L − x̂ · Σ(dy x̂) / L),
 * which is an affine function of dy and the centred image for each sample and channel.
 *
 * @param shape The image's, (n, c, …)
 * @param dy Blocked
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
 * The slope of a leaky ReLU where its output was `y`: 1 or alpha.
 *
 * @param y Blocked
 */
export function leakySlope(y: Value, alpha: number): Value {
  const [count, channels, height, width] = y.shape;
  const all = count * channels;
  // A factor so large leaves every value at one of the two limits.
  const steep = y.graph.constant("float32", [all, 1, 1, 1], new Float32Array(all).fill(2 ** 100));
  const slope = blockedConv(o.reshape(y, [1, all, height, width]), steep, {
    group: all,
    activation: { clip: [alpha, 1] },
  });
  return o.reshape(slope, y.shape);
}
