/** Lists the lowerings of derivatives that CUDA and WebGPU share. */

import { sizeOf } from "../../array/nd_array.ts";
import type { Attributes } from "../../graph/attributes.ts";
import type { Value } from "../../graph/graph.ts";
import * as o from "../../graph/operators.ts";
import { attentionLowerings } from "../attention.ts";
import type { LoweringTable } from "../lower.ts";

/** Lowerings to elementary operators, which on GPUs are limited by memory bandwidth. */
export const gpuDerivatives: LoweringTable = {
  ...attentionLowerings,
  BatchNormalization: batchNorm,
  "nnunet:BatchNormalizationGradient": ([x, scale, dy], { epsilon }) =>
    batchNormGradient(x, scale, dy, epsilon as number),
  "nnunet:InstanceNormalizationGradient": ([x, scale, dy], { epsilon }) =>
    instanceNormGradient(x, scale, dy, epsilon as number),
  "nnunet:LeakyReluGradient": ([y, dy], { alpha }) => [
    o.mul(dy, o.where(o.greater(y, 0), scalarLike(dy, 1), scalarLike(dy, alpha as number))),
  ],
};

/**
 * Computes the gradients of an instance normalisation. With x̂ the normalised image and
 * σ = √(variance + epsilon), dx = scale / σ · (dy − mean(dy) − x̂ · mean(dy x̂)).
 *
 * Half-precision values are averaged, never summed, so that results stay in their range.
 *
 * @returns Gradients of image, scale and bias.
 */
function instanceNormGradient(x: Value, scale: Value, dy: Value, epsilon: number): Value[] {
  const [batch, channels, ...size] = x.shape;
  const voxels = sizeOf(size);
  const rows = (value: Value) => o.reshape(value, [batch * channels, voxels]);
  const single = (value: Value) => o.cast(value, "float32");
  const as = (value: Value) => o.cast(value, x.type);
  const [image, gradient] = [rows(x), rows(dy)];
  const centered = o.sub(image, o.reduceMean(image, [1], true));
  const variance = meanSquare(centered);
  const inverse = o.div(1, o.sqrt(o.add(variance, epsilon)));
  const mean = single(o.reduceMean(gradient, [1], true));
  const dot = o.mul(inverse, single(o.reduceMean(o.mul(gradient, centered), [1], true)));
  const scales = o.reshape(o.expand(o.reshape(scale, [1, channels]), [batch, channels]), [
    batch * channels,
    1,
  ]);
  const factor = o.mul(scales, inverse);
  const slope = o.mul(o.mul(factor, inverse), dot);
  const dx = o.sub(
    o.mul(o.sub(gradient, as(mean)), as(factor)),
    o.mul(centered, as(slope)),
  );
  const overBatch = (value: Value) =>
    o.mul(o.reduceSum(o.reshape(value, [batch, channels]), [0]), voxels);
  return [o.reshape(dx, x.shape), overBatch(dot), overBatch(mean)];
}

/** (c) → (1, c, 1, …), to be broadcast over an image (n, c, …) */
function perChannel(value: Value, { shape }: Value): Value {
  return o.reshape(value, [1, shape[1], ...shape.slice(2).map(() => 1)]);
}

/** Averages an image over all voxels of each channel, (n, c, …) → (c); voxels first, then samples. */
function meanOfChannels(x: Value): Value {
  const [batch, channels, ...size] = x.shape;
  const rows = o.reshape(x, [batch * channels, sizeOf(size)]);
  const means = o.reshape(o.reduceMean(rows, [1], true), [batch, channels]);
  return o.reshape(o.reduceMean(means, [0], true), [channels]);
}

/** Normalises by given statistics or, in training mode, by the image's own, which it returns. */
function batchNorm(
  [x, scale, bias, mean, variance]: readonly Value[],
  { epsilon, training_mode }: Attributes,
): Value[] {
  if (!training_mode) {
    const factor = o.div(scale, o.sqrt(o.add(variance, epsilon as number)));
    const offset = o.sub(bias, o.mul(mean, factor));
    return [o.add(o.mul(x, perChannel(factor, x)), perChannel(offset, x))];
  }
  const ownMean = meanOfChannels(x);
  const centred = o.sub(x, perChannel(ownMean, x));
  const ownVariance = meanOfChannels(o.mul(centred, centred));
  const factor = o.div(scale, o.sqrt(o.add(ownVariance, epsilon as number)));
  const y = o.add(o.mul(centred, perChannel(factor, x)), perChannel(bias, x));
  return [y, ownMean, ownVariance];
}

/**
 * Computes the gradients of a batch normalisation by the image's own statistics; see
 * {@link instanceNormGradient}.
 */
function batchNormGradient(x: Value, scale: Value, dy: Value, epsilon: number): Value[] {
  const count = sizeOf(x.shape) / x.shape[1];
  const centred = o.sub(x, perChannel(meanOfChannels(x), x));
  const inverse = o.div(1, o.sqrt(o.add(meanOfChannels(o.mul(centred, centred)), epsilon)));
  const mean = meanOfChannels(dy);
  const dot = o.mul(inverse, meanOfChannels(o.mul(dy, centred)));
  const factor = o.mul(scale, inverse);
  const slope = o.mul(o.mul(factor, inverse), dot);
  const dx = o.sub(
    o.mul(o.sub(dy, perChannel(mean, x)), perChannel(factor, x)),
    o.mul(centred, perChannel(slope, x)),
  );
  return [dx, o.mul(dot, count), o.mul(mean, count)];
}

/** Returns the mean square of each row, in single precision. */
function meanSquare(x: Value): Value {
  if (x.type === "float16") return o.cast(o.reduceMean(o.mul(x, x), [1], true), "float32");
  return o.div(o.reduceSumSquare(x, [1], true), x.shape[1]);
}

/** Returns a scalar of the type of a value. */
function scalarLike({ graph, type }: Value, value: number): Value {
  return o.cast(o.scalar(graph, value), type);
}
