/**
 * ONNX's operators as functions of values.
 *
 * Where an operand may be a number, it becomes a scalar of the other operand's type: `mul(x, 2)`.
 * Axes count from 0, outermost first.
 *
 * @see https://onnx.ai/onnx/operators/ (opset 21)
 */

import type { DataType } from "../array/data_type.ts";
import { sameShape, type Shape, sizeOf } from "../array/nd_array.ts";
import type { Attributes } from "./attributes.ts";
import type { Graph, Value } from "./graph.ts";
import type { OperatorName } from "./operator_name.ts";

/** A value, or a number that becomes a scalar constant of the other operand's type. */
export type Operand = Value | number;

/**
 * Returns a float32 scalar constant.
 *
 * @param graph The graph to add it to.
 * @param value The scalar's value.
 * @returns A constant of shape [].
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, scalar } from "nnunet/parts";
 *
 * const graph = new Graph();
 * assert.deepEqual(scalar(graph, 0.5).shape, []);
 * ```
 */
export function scalar(graph: Graph, value: number): Value {
  return graph.constant("float32", [], Float32Array.of(value));
}

/**
 * Returns a one-dimensional int64 constant, such as a shape, axes or starts.
 *
 * @param graph The graph to add it to.
 * @param values The constant's elements.
 * @returns A constant of shape [number of values].
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, integers } from "nnunet/parts";
 *
 * const graph = new Graph();
 * const { type, shape } = integers(graph, [2, 3]);
 * assert.equal(type, "int64");
 * assert.deepEqual(shape, [2]);
 * ```
 */
export function integers(graph: Graph, values: readonly number[]): Value {
  return graph.constant("int64", [values.length], BigInt64Array.from(values, BigInt));
}

function constantLike(other: Value, value: number): Value {
  switch (other.type) {
    case "float32":
      return scalar(other.graph, value);
    case "float16":
      return cast(scalar(other.graph, value), "float16");
    case "int32":
      return other.graph.constant("int32", [], Int32Array.of(value));
    case "uint8":
      return other.graph.constant("uint8", [], Uint8Array.of(value));
    default:
      throw new TypeError(`Cannot make a ${other.type} constant of ${value}`);
  }
}

function apply(
  operator: OperatorName,
  inputs: readonly (Value | null)[],
  attributes?: Attributes,
) {
  const graph = inputs.find((input) => input !== null)!.graph;
  return graph.add(operator, inputs, attributes);
}

const unary = (operator: OperatorName) => (x: Value): Value => apply(operator, [x])[0];

const binary = (operator: OperatorName) => (a: Operand, b: Operand): Value => {
  if (typeof a === "number") {
    if (typeof b === "number") throw new TypeError(`Cannot apply ${operator} to two numbers`);
    return apply(operator, [constantLike(b, a), b])[0];
  }
  return apply(operator, [a, typeof b === "number" ? constantLike(a, b) : b])[0];
};

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

/**
 * Converts elements to another type; `x` itself if it has the type already.
 *
 * @param x The array.
 * @param to The type of the result.
 * @returns The converted elements; `x` itself if it has this type.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, cast } from "nnunet/parts";
 *
 * const graph = new Graph();
 * const x = graph.input("x", "float32", [2, 3]);
 * assert.equal(cast(x, "float16").type, "float16");
 * ```
 */
export function cast(x: Value, to: DataType): Value {
  return x.type === to ? x : apply("Cast", [x], { to })[0];
}

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

/**
 * Replaces some of an array's elements.
 *
 * @param x The array.
 * @param indices Indices along the axis (int64), of the shape of `updates`.
 * @param updates The new elements.
 * @param axis The axis that the indices refer to.
 * @returns An array of the shape of `x`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, neg, scatterElements, topK } from "nnunet/parts";
 *
 * const graph = new Graph();
 * const x = graph.input("x", "float32", [2, 3]);
 * const [largest, indices] = topK(x, 1, 1);
 * const negated = scatterElements(x, indices, neg(largest), 1);
 * assert.deepEqual(negated.shape, [2, 3]);
 * ```
 */
export function scatterElements(x: Value, indices: Value, updates: Value, axis: number): Value {
  return apply("ScatterElements", [x, indices, updates], { axis })[0];
}

/**
 * Returns the same elements in another shape.
 *
 * @param x The array.
 * @param shape The new shape; one extent may be −1 and is then inferred.
 * @returns A tensor of this shape; `x` itself if it has it already.
 * @throws {RangeError} If the shape has another number of elements.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, reshape } from "nnunet/parts";
 *
 * const graph = new Graph();
 * const x = graph.input("x", "float32", [2, 3]);
 * assert.deepEqual(reshape(x, [3, -1]).shape, [3, 2]);
 * ```
 */
export function reshape(x: Value, shape: Shape): Value {
  const known = sizeOf(shape.filter((extent) => extent >= 0));
  const full = shape.map((extent) => extent < 0 ? sizeOf(x.shape) / known : extent);
  return sameShape(full, x.shape) ? x : apply("Reshape", [x, integers(x.graph, full)])[0];
}

/**
 * Permutes axes.
 *
 * @param x The array.
 * @param permutation For each axis of the result, the axis of `x`.
 * @returns The permuted tensor; `x` itself if no axis moves.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, transpose } from "nnunet/parts";
 *
 * const graph = new Graph();
 * const x = graph.input("x", "float32", [2, 3, 4]);
 * assert.deepEqual(transpose(x, [2, 0, 1]).shape, [4, 2, 3]);
 * ```
 */
export function transpose(x: Value, permutation: readonly number[]): Value {
  return permutation.every((axis, i) => axis === i)
    ? x
    : apply("Transpose", [x], { perm: permutation })[0];
}

/**
 * Repeats axes of extent 1 to fill a shape.
 *
 * @param x The array.
 * @param shape The new shape.
 * @returns A tensor of this shape; `x` itself if it has it already.
 * @throws {RangeError} If the shapes do not broadcast.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, expand } from "nnunet/parts";
 *
 * const graph = new Graph();
 * const x = graph.input("x", "float32", [2, 1]);
 * assert.deepEqual(expand(x, [2, 3]).shape, [2, 3]);
 * ```
 */
export function expand(x: Value, shape: Shape): Value {
  return sameShape(x.shape, shape) ? x : apply("Expand", [x, integers(x.graph, shape)])[0];
}

/**
 * Concatenates arrays along an axis.
 *
 * @param values Arrays whose other extents are equal.
 * @param axis The axis to concatenate along.
 * @returns The joined tensor; the only value if there is one.
 * @throws {RangeError} If the other extents differ.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, concat } from "nnunet/parts";
 *
 * const graph = new Graph();
 * const x = graph.input("x", "float32", [2, 3]);
 * assert.deepEqual(concat([x, x], 1).shape, [2, 6]);
 * ```
 */
export function concat(values: readonly Value[], axis: number): Value {
  return values.length === 1 ? values[0] : apply("Concat", values, { axis })[0];
}

/**
 * Splits an array along an axis.
 *
 * @param x The array.
 * @param parts Extents of the parts, which add up to the axis's extent.
 * @param axis The axis to split.
 * @returns One array per part.
 * @throws {RangeError} If the parts do not add up to the axis's extent.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, split } from "nnunet/parts";
 *
 * const graph = new Graph();
 * const x = graph.input("x", "float32", [2, 3]);
 * const [first, rest] = split(x, [1, 2], 1);
 * assert.deepEqual(first.shape, [2, 1]);
 * assert.deepEqual(rest.shape, [2, 2]);
 * ```
 */
export function split(x: Value, parts: readonly number[], axis: number): Value[] {
  return parts.length === 1 ? [x] : apply("Split", [x, integers(x.graph, parts)], { axis });
}

/** The range of a slice along one axis. */
export interface SliceRange {
  /** The axis, from 0. */
  readonly axis: number;
  /** The first position. */
  readonly start: number;
  /** One past the last index; the axis's extent by default. */
  readonly end?: number;
  /** 1 by default; a negative step goes backwards from `start` to the axis's beginning. */
  readonly step?: number;
}

/**
 * Returns the part of an array within ranges. Axes without a range are kept whole.
 *
 * @param x The array.
 * @param ranges At most one range per axis.
 * @returns The elements within all ranges.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, slice } from "nnunet/parts";
 *
 * const graph = new Graph();
 * const x = graph.input("x", "float32", [2, 3]);
 * assert.deepEqual(slice(x, [{ axis: 1, start: 1 }]).shape, [2, 2]);
 * const reversed = slice(x, [{ axis: 1, start: 2, step: -1 }]);
 * assert.deepEqual(reversed.shape, [2, 3]);
 * ```
 */
export function slice(x: Value, ranges: readonly SliceRange[]): Value {
  const g = x.graph;
  const backwards = -(2 ** 31);
  return apply("Slice", [
    x,
    integers(g, ranges.map((r) => r.start)),
    integers(g, ranges.map((r) => (r.step ?? 1) < 0 ? backwards : r.end ?? x.shape[r.axis])),
    integers(g, ranges.map((r) => r.axis)),
    integers(g, ranges.map((r) => r.step ?? 1)),
  ])[0];
}

/**
 * Selects entries of an axis by index.
 *
 * @param x The array.
 * @param indices Indices in any order, with repetitions.
 * @param axis The axis to select from.
 * @returns A tensor whose axis has one entry per index.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, gather } from "nnunet/parts";
 *
 * const graph = new Graph();
 * const x = graph.input("x", "float32", [2, 3]);
 * assert.deepEqual(gather(x, [2, 0, 0, 1], 1).shape, [2, 4]);
 * ```
 */
export function gather(x: Value, indices: readonly number[], axis: number): Value {
  return apply("Gather", [x, integers(x.graph, indices)], { axis })[0];
}

/**
 * Pads an array with zeros.
 *
 * @param x The array.
 * @param before Number of zeros before each axis.
 * @param after Number of zeros after each axis.
 * @returns The padded tensor; `x` itself if nothing is added.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, pad } from "nnunet/parts";
 *
 * const graph = new Graph();
 * const x = graph.input("x", "float32", [2, 3]);
 * assert.deepEqual(pad(x, [0, 1], [1, 1]).shape, [3, 5]);
 * ```
 */
export function pad(x: Value, before: readonly number[], after: readonly number[]): Value {
  if ([...before, ...after].every((n) => n === 0)) return x;
  return apply("Pad", [x, integers(x.graph, [...before, ...after])])[0];
}

/**
 * Matrix product over the last two axes; leading axes broadcast.
 *
 * @param a (…, m, k)
 * @param b (…, k, n)
 * @returns (…, m, n)
 * @throws {RangeError} If the inner extents differ or the leading axes do not broadcast.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, matmul } from "nnunet/parts";
 *
 * const graph = new Graph();
 * const a = graph.input("a", "float32", [5, 2, 3]);
 * const b = graph.input("b", "float32", [3, 4]);
 * assert.deepEqual(matmul(a, b).shape, [5, 2, 4]);
 * ```
 */
export function matmul(a: Value, b: Value): Value {
  return apply("MatMul", [a, b])[0];
}

/**
 * Matrix product a · bᵀ over the last two axes, computed without storing the transpose.
 *
 * @param a (…, m, k)
 * @param b (…, n, k)
 * @returns (…, m, n)
 * @throws {RangeError} If the inner extents differ or the leading axes do not broadcast.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, matmulTransposed } from "nnunet/parts";
 *
 * const graph = new Graph();
 * const a = graph.input("a", "float32", [2, 3]);
 * const b = graph.input("b", "float32", [4, 3]);
 * assert.deepEqual(matmulTransposed(a, b).shape, [2, 4]);
 * ```
 */
export function matmulTransposed(a: Value, b: Value): Value {
  return apply("com.microsoft:FusedMatMul", [a, b], { transB: 1 })[0];
}

/** Geometry of a convolution; entries are per spatial axis, outermost first. */
export interface ConvolutionOptions {
  /** Steps between windows; all 1 by default. */
  readonly strides?: readonly number[];
  /** Distances between the voxels of a window; all 1 by default. */
  readonly dilations?: readonly number[];
  /** Zeros before each axis, then after each axis. */
  readonly pads?: readonly number[];
  /** Number of groups of channels that are filtered separately; 1 by default. */
  readonly group?: number;
}

/** Returns the attributes of options, without those that are undefined. */
function definedAttributes(
  options: Readonly<Record<string, Attributes[string] | undefined>>,
): Attributes {
  return Object.fromEntries(
    Object.entries(options).filter((entry): entry is [string, Attributes[string]] =>
      entry[1] !== undefined
    ),
  );
}

/**
 * Convolution (cross-correlation).
 *
 * @param x (n, c, …spatial)
 * @param w (filters, c / group, …kernel)
 * @param bias (filters)
 * @param options The convolution's geometry; by default stride 1, no padding, one group.
 * @returns (n, filters, …spatial)
 * @throws {RangeError} If the channels or ranks of `x` and `w` do not match.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, conv } from "nnunet/parts";
 *
 * const graph = new Graph();
 * const x = graph.input("x", "float32", [2, 3, 8, 8]);
 * const w = graph.input("w", "float32", [4, 3, 3, 3]);
 * const y = conv(x, w, null, { strides: [2, 2], pads: [1, 1, 1, 1] });
 * assert.deepEqual(y.shape, [2, 4, 4, 4]);
 * ```
 */
export function conv(
  x: Value,
  w: Value,
  bias?: Value | null,
  options: ConvolutionOptions = {},
): Value {
  return apply("Conv", bias ? [x, w, bias] : [x, w], definedAttributes({ ...options }))[0];
}

/**
 * Transposed convolution.
 *
 * @param x (n, c, …spatial)
 * @param w (c, filters / group, …kernel)
 * @param bias (filters)
 * @param options The convolution's geometry; `outputPadding` extends each axis of the result.
 * @returns (n, filters, …spatial)
 * @throws {RangeError} If the channels or ranks of `x` and `w` do not match.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, convTranspose } from "nnunet/parts";
 *
 * const graph = new Graph();
 * const x = graph.input("x", "float32", [2, 3, 8, 8]);
 * const w = graph.input("w", "float32", [3, 4, 2, 2]);
 * const y = convTranspose(x, w, null, { strides: [2, 2] });
 * assert.deepEqual(y.shape, [2, 4, 16, 16]);
 * ```
 */
export function convTranspose(
  x: Value,
  w: Value,
  bias?: Value | null,
  options: ConvolutionOptions & { readonly outputPadding?: readonly number[] } = {},
): Value {
  const { outputPadding, ...rest } = options;
  return apply(
    "ConvTranspose",
    bias ? [x, w, bias] : [x, w],
    definedAttributes({ ...rest, output_padding: outputPadding }),
  )[0];
}

/**
 * Averages over adjacent windows.
 *
 * @param x (n, c, …spatial)
 * @param window Voxels per axis; voxels at an axis's end that fill no window are ignored.
 * @returns (n, c, …windows)
 * @throws {RangeError} If `window` does not have one extent per spatial axis.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, averagePool } from "nnunet/parts";
 *
 * const graph = new Graph();
 * const x = graph.input("x", "float32", [2, 3, 8, 8]);
 * assert.deepEqual(averagePool(x, [2, 2]).shape, [2, 3, 4, 4]);
 * ```
 */
export function averagePool(x: Value, window: readonly number[]): Value {
  return apply("AveragePool", [x], { kernel_shape: window, strides: window })[0];
}

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
