/** Operands of operators: values, and numbers that become constants. */

import type { DataType } from "../../array/data_type.ts";
import type { Attributes } from "../attributes.ts";
import type { Graph, Value } from "../graph.ts";
import type { OperatorName } from "../operator_name.ts";

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

/** Returns a scalar constant of another value's type and graph. */
export function constantLike(other: Value, value: number): Value {
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

/** Adds an operator to its inputs' graph; null stands for an optional input that is not given. */
export function apply(
  operator: OperatorName,
  inputs: readonly (Value | null)[],
  attributes?: Attributes,
) {
  const graph = inputs.find((input) => input !== null)!.graph;
  return graph.add(operator, inputs, attributes);
}

/** Makes a function that adds an operator of one value. */
export const unary = (operator: OperatorName) => (x: Value): Value => apply(operator, [x])[0];

/** Makes a function that adds an operator of two operands. */
export const binary = (operator: OperatorName) => (a: Operand, b: Operand): Value => {
  if (typeof a === "number") {
    if (typeof b === "number") throw new TypeError(`Cannot apply ${operator} to two numbers`);
    return apply(operator, [constantLike(b, a), b])[0];
  }
  return apply(operator, [a, typeof b === "number" ? constantLike(a, b) : b])[0];
};
