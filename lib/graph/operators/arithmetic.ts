/** Operators that compute element by element. */

import type { Value } from "../graph.ts";
import { apply, binary, constantLike, type Operand, unary } from "./operand.ts";

/**
 * Computes −x, element by element.
 *
 * @param x A tensor.
 * @returns The results, of the type and shape of `x`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, neg } from "nnunet/parts";
 *
 * const x = new Graph().input("x", "float32", [2, 3]);
 * assert.deepEqual(neg(x).shape, [2, 3]);
 * ```
 */
export const neg: (x: Value) => Value = unary("Neg");

/**
 * Computes |x|, element by element.
 *
 * @param x A tensor.
 * @returns The results, of the type and shape of `x`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { abs, Graph } from "nnunet/parts";
 *
 * const x = new Graph().input("x", "float32", [2, 3]);
 * assert.deepEqual(abs(x).shape, [2, 3]);
 * ```
 */
export const abs: (x: Value) => Value = unary("Abs");

/**
 * Computes eˣ, element by element.
 *
 * @param x A tensor.
 * @returns The results, of the type and shape of `x`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { exp, Graph } from "nnunet/parts";
 *
 * const x = new Graph().input("x", "float32", [2, 3]);
 * assert.deepEqual(exp(x).shape, [2, 3]);
 * ```
 */
export const exp: (x: Value) => Value = unary("Exp");

/**
 * Computes the natural logarithm, element by element.
 *
 * @param x A tensor.
 * @returns The results, of the type and shape of `x`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, log } from "nnunet/parts";
 *
 * const x = new Graph().input("x", "float32", [2, 3]);
 * assert.deepEqual(log(x).shape, [2, 3]);
 * ```
 */
export const log: (x: Value) => Value = unary("Log");

/**
 * Computes √x, element by element.
 *
 * @param x A tensor.
 * @returns The results, of the type and shape of `x`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, sqrt } from "nnunet/parts";
 *
 * const x = new Graph().input("x", "float32", [2, 3]);
 * assert.deepEqual(sqrt(x).shape, [2, 3]);
 * ```
 */
export const sqrt: (x: Value) => Value = unary("Sqrt");

/**
 * Copies a tensor under a new name.
 *
 * @param x A tensor.
 * @returns The copy.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, identity } from "nnunet/parts";
 *
 * const x = new Graph().input("x", "float32", [2, 3]);
 * assert.deepEqual(identity(x).shape, [2, 3]);
 * ```
 */
export const identity: (x: Value) => Value = unary("Identity");

/**
 * Negates truth values.
 *
 * @param x A tensor of booleans.
 * @returns Whether each element of `x` is false; bool.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, less, not } from "nnunet/parts";
 *
 * const negative = less(new Graph().input("x", "float32", [2, 3]), 0);
 * assert.equal(not(negative).type, "bool");
 * ```
 */
export const not: (x: Value) => Value = unary("Not");

/**
 * Adds, element by element.
 *
 * @param a A tensor of the other's type, or a number.
 * @param b A tensor of the other's type, or a number.
 * @returns The results, of the shape that `a` and `b` broadcast to.
 * @throws {TypeError} If the operands have different types or are both numbers.
 * @throws {RangeError} If the shapes do not broadcast.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { add, Graph } from "nnunet/parts";
 *
 * const graph = new Graph();
 * const x = graph.input("x", "float32", [2, 3]);
 * const offsets = graph.input("offsets", "float32", [3]);
 * assert.deepEqual(add(x, offsets).shape, [2, 3]);
 * ```
 */
export const add: (a: Operand, b: Operand) => Value = binary("Add");

/**
 * Computes a − b, element by element.
 *
 * @param a The minuend, of the type of `b`, or a number.
 * @param b The subtrahend, of the type of `a`, or a number.
 * @returns The results, of the shape that `a` and `b` broadcast to.
 * @throws {TypeError} If the operands have different types or are both numbers.
 * @throws {RangeError} If the shapes do not broadcast.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, sub } from "nnunet/parts";
 *
 * const x = new Graph().input("x", "float32", [2, 3]);
 * assert.deepEqual(sub(1, x).shape, [2, 3]);
 * ```
 */
export const sub: (a: Operand, b: Operand) => Value = binary("Sub");

/**
 * Multiplies, element by element. The matrix product is {@link matmul}.
 *
 * @param a A tensor of the other's type, or a number.
 * @param b A tensor of the other's type, or a number.
 * @returns The results, of the shape that `a` and `b` broadcast to.
 * @throws {TypeError} If the operands have different types or are both numbers.
 * @throws {RangeError} If the shapes do not broadcast.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, mul } from "nnunet/parts";
 *
 * const x = new Graph().input("x", "float32", [2, 3]);
 * assert.deepEqual(mul(x, 2).shape, [2, 3]);
 * ```
 */
export const mul: (a: Operand, b: Operand) => Value = binary("Mul");

/**
 * Computes a / b, element by element.
 *
 * @param a The dividend, of the type of `b`, or a number.
 * @param b The divisor, of the type of `a`, or a number.
 * @returns The results, of the shape that `a` and `b` broadcast to.
 * @throws {TypeError} If the operands have different types or are both numbers.
 * @throws {RangeError} If the shapes do not broadcast.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { div, Graph } from "nnunet/parts";
 *
 * const x = new Graph().input("x", "float32", [2, 3]);
 * assert.deepEqual(div(1, x).shape, [2, 3]);
 * ```
 */
export const div: (a: Operand, b: Operand) => Value = binary("Div");

/**
 * Returns the larger of two elements; {@link reduceMax} finds the largest element of a tensor.
 *
 * @param a A tensor of the other's type, or a number.
 * @param b A tensor of the other's type, or a number.
 * @returns The results, of the shape that `a` and `b` broadcast to.
 * @throws {TypeError} If the operands have different types or are both numbers.
 * @throws {RangeError} If the shapes do not broadcast.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, max } from "nnunet/parts";
 *
 * const x = new Graph().input("x", "float32", [2, 3]);
 * assert.deepEqual(max(x, 0).shape, [2, 3]);
 * ```
 */
export const max: (a: Operand, b: Operand) => Value = binary("Max");

/**
 * Returns the smaller of two elements; {@link reduceMin} finds the smallest element of a tensor.
 *
 * @param a A tensor of the other's type, or a number.
 * @param b A tensor of the other's type, or a number.
 * @returns The results, of the shape that `a` and `b` broadcast to.
 * @throws {TypeError} If the operands have different types or are both numbers.
 * @throws {RangeError} If the shapes do not broadcast.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, min } from "nnunet/parts";
 *
 * const x = new Graph().input("x", "float32", [2, 3]);
 * assert.deepEqual(min(x, 1).shape, [2, 3]);
 * ```
 */
export const min: (a: Operand, b: Operand) => Value = binary("Min");

/**
 * Returns where a = b, element by element.
 *
 * @param a A tensor of the other's type, or a number.
 * @param b A tensor of the other's type, or a number.
 * @returns Truth values (bool), of the shape that `a` and `b` broadcast to.
 * @throws {TypeError} If the operands have different types or are both numbers.
 * @throws {RangeError} If the shapes do not broadcast.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { equal, Graph } from "nnunet/parts";
 *
 * const labels = new Graph().input("labels", "int32", [2, 3]);
 * assert.equal(equal(labels, 1).type, "bool");
 * ```
 */
export const equal: (a: Operand, b: Operand) => Value = binary("Equal");

/**
 * Returns where a > b, element by element.
 *
 * @param a A tensor of the other's type, or a number.
 * @param b A tensor of the other's type, or a number.
 * @returns Truth values (bool), of the shape that `a` and `b` broadcast to.
 * @throws {TypeError} If the operands have different types or are both numbers.
 * @throws {RangeError} If the shapes do not broadcast.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, greater } from "nnunet/parts";
 *
 * const x = new Graph().input("x", "float32", [2, 3]);
 * assert.equal(greater(x, 0).type, "bool");
 * ```
 */
export const greater: (a: Operand, b: Operand) => Value = binary("Greater");

/**
 * Returns where a < b, element by element.
 *
 * @param a A tensor of the other's type, or a number.
 * @param b A tensor of the other's type, or a number.
 * @returns Truth values (bool), of the shape that `a` and `b` broadcast to.
 * @throws {TypeError} If the operands have different types or are both numbers.
 * @throws {RangeError} If the shapes do not broadcast.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, less } from "nnunet/parts";
 *
 * const x = new Graph().input("x", "float32", [2, 3]);
 * assert.equal(less(x, 0).type, "bool");
 * ```
 */
export const less: (a: Operand, b: Operand) => Value = binary("Less");

/**
 * Adds several values; shapes broadcast.
 *
 * @param values At least one value.
 * @returns The sum, of the shape that they broadcast to.
 * @throws {TypeError} If there are no values, or their types differ.
 * @throws {RangeError} If their shapes do not broadcast.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, sum } from "nnunet/parts";
 *
 * const graph = new Graph();
 * const x = graph.input("x", "float32", [2, 3]);
 * assert.deepEqual(sum([x, x, x]).shape, [2, 3]);
 * ```
 */
export function sum(values: readonly Value[]): Value {
  return values.reduce((total, value) => add(total, value));
}

/**
 * Selects elements of `a` where the condition holds and of `b` elsewhere; shapes broadcast.
 *
 * @param condition Elements of type bool.
 * @param a A value, or a number of the type of `b`.
 * @param b A value, or a number of the type of `a`.
 * @returns The selected elements, of the shape that all three broadcast to.
 * @throws {RangeError} If the shapes do not broadcast.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, greater, where } from "nnunet/parts";
 *
 * const graph = new Graph();
 * const x = graph.input("x", "float32", [2, 3]);
 * const positive = where(greater(x, 0), x, 0);
 * assert.deepEqual(positive.shape, [2, 3]);
 * ```
 */
export function where(condition: Value, a: Operand, b: Operand): Value {
  const like = (typeof a === "number" ? b : a) as Value;
  const value = (x: Operand) => typeof x === "number" ? constantLike(like, x) : x;
  return apply("Where", [condition, value(a), value(b)])[0];
}

/**
 * Limits every element to [lo, hi].
 *
 * @param x The array.
 * @param lo The smallest result.
 * @param hi The largest result.
 * @returns The limited elements, of the type and shape of `x`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, clip } from "nnunet/parts";
 *
 * const graph = new Graph();
 * const x = graph.input("x", "float32", [2, 3]);
 * assert.deepEqual(clip(x, 0, 1).shape, [2, 3]);
 * ```
 */
export function clip(x: Value, lo: number, hi: number): Value {
  return apply("Clip", [x, constantLike(x, lo), constantLike(x, hi)])[0];
}
