/** Normalization of feature maps. */

import type { Value } from "../graph.ts";
import { apply } from "./operand.ts";

/**
 * Returns (x − mean) / √(variance + epsilon) · scale + bias, with mean and variance over the
 * spatial axes of each sample and channel.
 *
 * @param x (n, c, …spatial)
 * @param scale (c)
 * @param bias (c)
 * @param epsilon Added to the variance.
 * @returns Normalised image, of the type and shape of `x`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, instanceNorm } from "nnunet/parts";
 *
 * const graph = new Graph();
 * const x = graph.input("x", "float32", [2, 3, 8, 8]);
 * const scale = graph.input("scale", "float32", [3]);
 * const bias = graph.input("bias", "float32", [3]);
 * assert.deepEqual(instanceNorm(x, scale, bias, 1e-5).shape, [2, 3, 8, 8]);
 * ```
 */
export function instanceNorm(x: Value, scale: Value, bias: Value, epsilon: number): Value {
  return apply("InstanceNormalization", [x, scale, bias], { epsilon })[0];
}

/**
 * Returns (x − mean) / √(variance + epsilon) · scale + bias, with given statistics per channel.
 *
 * @param x (n, c, …spatial)
 * @param scale (c)
 * @param bias (c)
 * @param mean (c)
 * @param variance (c)
 * @param epsilon Added to the variance.
 * @returns Normalised image, of the type and shape of `x`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, batchNorm } from "nnunet/parts";
 *
 * const graph = new Graph();
 * const x = graph.input("x", "float32", [2, 3, 8, 8]);
 * const scale = graph.input("scale", "float32", [3]);
 * const bias = graph.input("bias", "float32", [3]);
 * const mean = graph.input("mean", "float32", [3]);
 * const variance = graph.input("variance", "float32", [3]);
 * const y = batchNorm(x, scale, bias, mean, variance, 1e-5);
 * assert.deepEqual(y.shape, [2, 3, 8, 8]);
 * ```
 */
export function batchNorm(
  x: Value,
  scale: Value,
  bias: Value,
  mean: Value,
  variance: Value,
  epsilon: number,
): Value {
  return apply("BatchNormalization", [x, scale, bias, mean, variance], { epsilon })[0];
}

/**
 * Batch normalisation with the statistics of `x` itself, which it returns as well.
 *
 * @param x (n, c, …spatial)
 * @param scale (c)
 * @param bias (c)
 * @param mean (c), of which only the shape matters. ONNX Runtime overwrites it, so no other node
 * may read it.
 * @param variance (c), as for `mean`.
 * @param epsilon Added to the variance.
 * @returns The normalised array, mean and population variance.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, batchNormTraining } from "nnunet/parts";
 *
 * const graph = new Graph();
 * const x = graph.input("x", "float32", [2, 3, 8, 8]);
 * const scale = graph.input("scale", "float32", [3]);
 * const bias = graph.input("bias", "float32", [3]);
 * const mean = graph.input("mean", "float32", [3]);
 * const variance = graph.input("variance", "float32", [3]);
 * const [y, ownMean] = batchNormTraining(x, scale, bias, mean, variance, 1e-5);
 * assert.deepEqual(y.shape, [2, 3, 8, 8]);
 * assert.deepEqual(ownMean.shape, [3]);
 * ```
 */
export function batchNormTraining(
  x: Value,
  scale: Value,
  bias: Value,
  mean: Value,
  variance: Value,
  epsilon: number,
): Value[] {
  return apply("BatchNormalization", [x, scale, bias, mean, variance], {
    epsilon,
    momentum: 0,
    training_mode: 1,
  });
}

/**
 * Returns (x − mean) / √(variance + epsilon) · scale + bias, with mean and variance over the last
 * axis.
 *
 * @param x (…, c)
 * @param scale (c)
 * @param bias (c)
 * @param epsilon Added to the variance.
 * @returns Normalised vectors, of the type and shape of `x`.
 * @throws {RangeError} If `scale` or `bias` has another extent than the last axis.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, layerNorm } from "nnunet/parts";
 *
 * const graph = new Graph();
 * const x = graph.input("x", "float32", [2, 64, 24]);
 * const scale = graph.input("scale", "float32", [24]);
 * const bias = graph.input("bias", "float32", [24]);
 * assert.deepEqual(layerNorm(x, scale, bias, 1e-5).shape, [2, 64, 24]);
 * ```
 */
export function layerNorm(x: Value, scale: Value, bias: Value, epsilon: number): Value {
  return apply("LayerNormalization", [x, scale, bias], { axis: -1, epsilon })[0];
}
