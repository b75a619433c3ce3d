/**
 * Computes batch normalisation by the batch's own statistics, and its gradient.
 *
 * ONNX Runtime's kernel for training is the fastest and also returns mean and variance, which the
 * gradient needs.
 */

import { sizeOf } from "../../array/nd_array.ts";
import type { Attributes } from "../../graph/attributes.ts";
import type { Value } from "../../graph/graph.ts";
import * as o from "../../graph/operators.ts";
import type { LoweringContext } from "../lower.ts";

/** (n, c, …) → (n, c, voxels) */
function flattened(x: Value): Value {
  const [batch, channels, ...size] = x.shape;
  return o.reshape(x, [batch, channels, sizeOf(size)]);
}

/** Computes the forward pass, and saves mean and variance for the gradient. */
export function batchNormByChannel(
  inputs: readonly Value[],
  attributes: Attributes,
  context: LoweringContext,
): readonly Value[] {
  const [x, scale, bias] = inputs;
  if (!attributes.training_mode) return x.graph.add("BatchNormalization", inputs, attributes);
  const channels = x.shape[1];
  // The kernel overwrites these. ONNX Runtime shares equal small constants between nodes, so each
  // must have a unique value.
  const overwritten = () => {
    const serial = context.serial();
    const data = new Float32Array(channels).fill(1000.5 + serial);
    return x.graph.constant("float32", [channels], data, `overwritten${serial}`);
  };
  const epsilon = attributes.epsilon as number;
  const [y, mean, variance] = o.batchNormTraining(
    flattened(x),
    scale,
    bias,
    overwritten(),
    overwritten(),
    epsilon,
  );
  context.batchStatistics.set(x, { mean, variance });
  return [o.reshape(y, x.shape), mean, variance];
}

/**
 * Computes the gradients. With the normalised image x̂ and L voxels of a channel in the batch, it is
 * dx = scale / σ · (dy − Σdy / L − x̂ · Σ(dy x̂) / L), an affine function of dy and x per channel.
 *
 * @returns Gradients of image, scale and bias.
 */
export function batchNormGradientByChannel(
  [x, scale, dy]: readonly Value[],
  attributes: Attributes,
  context: LoweringContext,
): Value[] {
  const [batch, channels] = x.shape;
  const count = sizeOf(x.shape) / channels;
  const { mean, variance } = context.batchStatistics.get(x)!;
  const flatX = flattened(x);
  const flatDy = flattened(dy);
  const inverse = o.div(1, o.sqrt(o.add(variance, attributes.epsilon as number)));
  const overBatch = (value: Value) => o.reduceSum(o.reshape(value, [batch, channels]), [0]);
  const rows = (value: Value) => o.reshape(value, [batch * channels, 1, count / batch]);
  const sumDy = overBatch(o.reduceSum(flatDy, [2]));
  const dot = overBatch(o.matmulTransposed(rows(flatDy), rows(flatX)));
  const dotNormalized = o.mul(inverse, o.sub(dot, o.mul(mean, sumDy)));

  const factorDy = o.mul(scale, inverse);
  const factorX = o.mul(o.mul(factorDy, inverse), o.div(dotNormalized, -count));
  const offset = o.sub(o.mul(factorDy, o.div(sumDy, -count)), o.mul(factorX, mean));
  const { graph } = x;
  const zero = graph.constant("float32", [channels], new Float32Array(channels));
  const one = graph.constant("float32", [channels], new Float32Array(channels).fill(1));
  const dx = o.add(
    o.mul(flatDy, o.reshape(factorDy, [1, channels, 1])),
    o.batchNorm(flatX, factorX, offset, zero, one, 0),
  );
  return [o.reshape(dx, x.shape), dotNormalized, sumDy];
}
