/** Operators that combine or rank the elements along axes. */

import type { Value } from "../graph.ts";
import type { OperatorName } from "../operator_name.ts";
import { apply, integers } from "./operand.ts";

const reduction =
  (operator: OperatorName) => (x: Value, axes?: readonly number[], keepDims = false) =>
    apply(operator, axes ? [x, integers(x.graph, axes)] : [x], { keepdims: keepDims ? 1 : 0 })[0];

/**
 * Combines elements along axes.
 *
 * @param x The array.
 * @param axes The axes to reduce; all axes by default.
 * @param keepDims Whether reduced axes are kept with extent 1; false by default.
 */
export type Reduction = (x: Value, axes?: readonly number[], keepDims?: boolean) => Value;

/**
 * Computes the sum along axes, or of all elements.
 *
 * @param x A tensor.
 * @param axes Axes to reduce; all by default.
 * @param keepDims Whether reduced axes stay, with extent 1; false by default.
 * @returns One element per position along the other axes; a scalar if all axes are reduced.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, reduceSum } from "nnunet/parts";
 *
 * const x = new Graph().input("x", "float32", [2, 3]);
 * assert.deepEqual(reduceSum(x, [1]).shape, [2]);
 * ```
 */
export const reduceSum: Reduction = reduction("ReduceSum");

/**
 * Computes the mean along axes, or of all elements.
 *
 * @param x A tensor.
 * @param axes Axes to reduce; all by default.
 * @param keepDims Whether reduced axes stay, with extent 1; false by default.
 * @returns One element per position along the other axes; a scalar if all axes are reduced.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, reduceMean } from "nnunet/parts";
 *
 * const x = new Graph().input("x", "float32", [2, 3]);
 * assert.deepEqual(reduceMean(x).shape, []);
 * ```
 */
export const reduceMean: Reduction = reduction("ReduceMean");

/**
 * Computes the largest element along axes, or of all elements.
 *
 * @param x A tensor.
 * @param axes Axes to reduce; all by default.
 * @param keepDims Whether reduced axes stay, with extent 1; false by default.
 * @returns One element per position along the other axes; a scalar if all axes are reduced.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, reduceMax } from "nnunet/parts";
 *
 * const x = new Graph().input("x", "float32", [2, 3]);
 * assert.deepEqual(reduceMax(x, [1], true).shape, [2, 1]);
 * ```
 */
export const reduceMax: Reduction = reduction("ReduceMax");

/**
 * Computes the smallest element along axes, or of all elements.
 *
 * @param x A tensor.
 * @param axes Axes to reduce; all by default.
 * @param keepDims Whether reduced axes stay, with extent 1; false by default.
 * @returns One element per position along the other axes; a scalar if all axes are reduced.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, reduceMin } from "nnunet/parts";
 *
 * const x = new Graph().input("x", "float32", [2, 3]);
 * assert.deepEqual(reduceMin(x, [0]).shape, [3]);
 * ```
 */
export const reduceMin: Reduction = reduction("ReduceMin");

/**
 * Computes the sum of squares along axes, or of all elements.
 *
 * @param x A tensor.
 * @param axes Axes to reduce; all by default.
 * @param keepDims Whether reduced axes stay, with extent 1; false by default.
 * @returns One element per position along the other axes; a scalar if all axes are reduced.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, reduceSumSquare } from "nnunet/parts";
 *
 * const x = new Graph().input("x", "float32", [2, 3]);
 * assert.deepEqual(reduceSumSquare(x).shape, []);
 * ```
 */
export const reduceSumSquare: Reduction = reduction("ReduceSumSquare");

/**
 * Returns the index (int64) of the largest element along an axis; the axis is kept with extent 1.
 *
 * @param x The array.
 * @param axis The axis to search.
 * @returns Indices, int64; the axis stays, with extent 1.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, argMax } from "nnunet/parts";
 *
 * const graph = new Graph();
 * const x = graph.input("x", "float32", [2, 3]);
 * const { type, shape } = argMax(x, 1);
 * assert.equal(type, "int64");
 * assert.deepEqual(shape, [2, 1]);
 * ```
 */
export function argMax(x: Value, axis: number): Value {
  return apply("ArgMax", [x], { axis, keepdims: 1 })[0];
}

/**
 * Returns the largest elements along an axis in descending order, and their indices (int64).
 *
 * @param x The array.
 * @param count Number of elements, at most the axis's extent.
 * @param axis The axis to search.
 * @returns Values and indices, both with extent `count` along the axis.
 * @throws {RangeError} If `count` exceeds the axis's extent.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, topK } from "nnunet/parts";
 *
 * const graph = new Graph();
 * const x = graph.input("x", "float32", [2, 3]);
 * const [values, indices] = topK(x, 2, 1);
 * assert.deepEqual(values.shape, [2, 2]);
 * assert.deepEqual(indices.shape, [2, 2]);
 * ```
 */
export function topK(x: Value, count: number, axis: number): readonly [Value, Value] {
  const [values, indices] = apply("TopK", [x, integers(x.graph, [count])], { axis });
  return [values, indices];
}
