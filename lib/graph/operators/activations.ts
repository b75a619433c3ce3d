/** Activation functions. */

import type { Value } from "../graph.ts";
import { apply, unary } from "./operand.ts";

/**
 * Computes 1 / (1 + e⁻ˣ), element by element.
 *
 * @param x A tensor.
 * @returns The results, of the type and shape of `x`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, sigmoid } from "nnunet/parts";
 *
 * const x = new Graph().input("x", "float32", [2, 3]);
 * assert.deepEqual(sigmoid(x).shape, [2, 3]);
 * ```
 */
export const sigmoid: (x: Value) => Value = unary("Sigmoid");

/**
 * Returns x where it is positive, alpha · x elsewhere.
 *
 * @param x The array.
 * @param alpha The slope for negative elements.
 * @returns The results, of the type and shape of `x`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, leakyRelu } from "nnunet/parts";
 *
 * const graph = new Graph();
 * const x = graph.input("x", "float32", [2, 3]);
 * assert.deepEqual(leakyRelu(x, 0.01).shape, [2, 3]);
 * ```
 */
export function leakyRelu(x: Value, alpha: number): Value {
  return apply("LeakyRelu", [x], { alpha })[0];
}

/**
 * Returns max(0, min(1, alpha · x + beta)).
 *
 * @param x The array.
 * @param alpha The slope between 0 and 1.
 * @param beta The value at x = 0.
 * @returns The results, of the type and shape of `x`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, hardSigmoid } from "nnunet/parts";
 *
 * const graph = new Graph();
 * const x = graph.input("x", "float32", [2, 3]);
 * assert.deepEqual(hardSigmoid(x, 0.2, 0.5).shape, [2, 3]);
 * ```
 */
export function hardSigmoid(x: Value, alpha: number, beta: number): Value {
  return apply("HardSigmoid", [x], { alpha, beta })[0];
}

/**
 * Divides eˣ by its sum along an axis.
 *
 * @param x The array.
 * @param axis The axis along which the results add up to 1.
 * @returns Probabilities, of the type and shape of `x`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, softmax } from "nnunet/parts";
 *
 * const graph = new Graph();
 * const x = graph.input("x", "float32", [2, 3]);
 * assert.deepEqual(softmax(x, 1).shape, [2, 3]);
 * ```
 */
export function softmax(x: Value, axis: number): Value {
  return apply("Softmax", [x], { axis })[0];
}

/**
 * Returns the logarithm of {@link softmax}, computed without rounding the softmax first.
 *
 * @param x The array.
 * @param axis The axis along which the exponentials of the results add up to 1.
 * @returns Logarithms of probabilities, of the type and shape of `x`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, logSoftmax } from "nnunet/parts";
 *
 * const graph = new Graph();
 * const x = graph.input("x", "float32", [2, 3]);
 * assert.deepEqual(logSoftmax(x, 1).shape, [2, 3]);
 * ```
 */
export function logSoftmax(x: Value, axis: number): Value {
  return apply("LogSoftmax", [x], { axis })[0];
}

/**
 * Computes the error function, 2 / √π · ∫₀ˣ e^(−t²) dt, element by element.
 *
 * @param x A tensor.
 * @returns The results, of the type and shape of `x`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { erf, Graph } from "nnunet/parts";
 *
 * const x = new Graph().input("x", "float32", [2, 3]);
 * assert.deepEqual(erf(x).shape, [2, 3]);
 * ```
 */
export const erf: (x: Value) => Value = unary("Erf");
