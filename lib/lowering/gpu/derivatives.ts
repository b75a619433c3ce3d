/** Lists the lowerings of derivatives that CUDA and WebGPU share. */

import { sizeOf } from "../../array/nd_array.ts";
import type { Value } from "../../graph/graph.ts";
import * as o from "../../graph/operators.ts";
import { attentionLowerings } from "../attention.ts";
import type { LoweringTable } from "../lower.ts";

/** Lowerings to elementary operators, which on GPUs are limited by memory bandwidth. */
export const gpuDerivatives: LoweringTable = {
  ...attentionLowerings,
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

/** Returns the mean square of each row, in single precision. */
function meanSquare(x: Value): Value {
  if (x.type === "float16") return o.cast(o.reduceMean(o.mul(x, x), [1], true), "float32");
  return o.div(o.reduceSumSquare(x, [1], true), x.shape[1]);
}

/** Returns a scalar of the type of a value. */
function scalarLike({ graph, type }: Value, value: number): Value {
  return o.cast(o.scalar(graph, value), type);
}
