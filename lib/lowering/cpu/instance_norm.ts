/**
 * Computes instance normalisation and its gradient with batch normalisation.
 *
 * With every (sample, channel) pair as a channel of one sample, the two are the same computation.
 * ONNX Runtime's batch normalisation in training mode is its fastest kernel for it and outputs mean
 * and variance, which the gradient needs.
 */

import { type Shape, sizeOf } from "../../array/nd_array.ts";
import type { Attributes } from "../../graph/attributes.ts";
import type { Value } from "../../graph/graph.ts";
import * as o from "../../graph/operators.ts";
import type { LoweringContext } from "../lower.ts";

/** (n, c, …) → (1, n · c, voxels) */
function flattened(x: Value): Value {
  const [batch, channels, ...size] = x.shape;
  return o.reshape(x, [1, batch * channels, sizeOf(size)]);
}

/** Repeats one value per channel to one per (sample, channel) pair. */
function perSample(perChannel: Value, shape: Shape): Value {
  const [batch, channels] = shape;
  const rows = o.expand(o.reshape(perChannel, [1, channels]), [batch, channels]);
  return o.reshape(rows, [batch * channels]);
}

/** Computes the forward pass, and saves mean and variance for the gradient. */
export function instanceNormAsBatchNorm(
  [x, scale, bias]: readonly Value[],
  attributes: Attributes,
  context: LoweringContext,
): Value[] {
  const pairs = x.shape[0] * x.shape[1];
  // Batch normalisation overwrites these. ONNX Runtime shares equal small constants between nodes,
  // so each must have a unique value.
  const overwritten = () => {
    const serial = context.serial();
    const data = new Float32Array(pairs).fill(1000.5 + serial);
    return x.graph.constant("float32", [pairs], data, `overwritten${serial}`);
  };
  const [y, mean, variance] = o.batchNormTraining(
    flattened(x),
    perSample(scale, x.shape),
    perSample(bias, x.shape),
    overwritten(),
    overwritten(),
    attributes.epsilon as number,
  );
  context.saved.set(x, [mean, variance]);
  return [o.reshape(y, x.shape)];
}

/**
 * Computes the gradients. With the normalised image x̂ and L voxels, it is dx = scale / σ · (dy −
 * Σdy / L − x̂ · Σ(dy x̂) / L), which is an affine function of dy and x for each sample and
 * channel.
 *
 * @returns Gradients of image, scale and bias.
 */
export function instanceNormGradientAsBatchNorm(
  [x, scale, dy]: readonly Value[],
  attributes: Attributes,
  context: LoweringContext,
): Value[] {
  const [batch, channels] = x.shape;
  const pairs = batch * channels;
  const voxels = sizeOf(x.shape) / pairs;
  const [mean, variance] = context.saved.get(x)!;
  const flatX = flattened(x);
  const flatDy = flattened(dy);

  const inverse = o.div(1, o.sqrt(o.add(variance, attributes.epsilon as number)));
  const sumDy = o.reshape(o.reduceSum(flatDy, [2]), [pairs]);
  const rows = (value: Value) => o.reshape(value, [pairs, 1, voxels]);
  const dot = o.reshape(o.matmulTransposed(rows(flatDy), rows(flatX)), [pairs]);
  const dotNormalized = o.mul(inverse, o.sub(dot, o.mul(mean, sumDy)));

  const factorDy = o.mul(perSample(scale, x.shape), inverse);
  const factorX = o.mul(o.mul(factorDy, inverse), o.div(dotNormalized, -voxels));
  const offset = o.sub(o.mul(factorDy, o.div(sumDy, -voxels)), o.mul(factorX, mean));
  const { graph } = x;
  const zero = graph.constant("float32", [pairs], new Float32Array(pairs));
  const one = graph.constant("float32", [pairs], new Float32Array(pairs).fill(1));
  const dx = o.add(
    o.mul(flatDy, o.reshape(factorDy, [1, pairs, 1])),
    o.batchNorm(flatX, factorX, offset, zero, one, 0),
  );
  const overBatch = (value: Value) => o.reduceSum(o.reshape(value, [batch, channels]), [0]);
  return [o.reshape(dx, x.shape), overBatch(dotNormalized), overBatch(sumDy)];
}
