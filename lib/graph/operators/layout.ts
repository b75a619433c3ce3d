/** Operators that move elements without changing them. */

import { sameShape, type Shape, sizeOf } from "../../array/nd_array.ts";
import type { Value } from "../graph.ts";
import { apply, integers } from "./operand.ts";

/**
 * Returns the same elements in another shape.
 *
 * @param x The array.
 * @param shape The new shape. One extent may be −1 and is then inferred. An extent of 0 keeps that of
 * the same axis of `x`, also when the number of samples is free.
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
  const kept = shape.map((extent, axis) => extent === 0 ? x.shape[axis] : extent);
  const known = sizeOf(kept.filter((extent) => extent >= 0));
  const inferred = (extent: number) => extent < 0 ? sizeOf(x.shape) / known : extent;
  return sameShape(kept.map(inferred), x.shape)
    ? x
    : apply("Reshape", [x, integers(x.graph, shape.map(inferred))])[0];
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
