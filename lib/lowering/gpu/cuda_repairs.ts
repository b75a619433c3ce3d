/**
 * Replaces operators that ONNX Runtime 1.30's CUDA provider computes slowly or imprecisely.
 *
 * The table is applied after all other lowerings, to all operators of their result.
 *
 * @see NOTES-cuda.md
 */

import type { Value } from "../../graph/graph.ts";
import * as o from "../../graph/operators.ts";
import type { LoweringTable } from "../lower.ts";

export const cudaRepairs: LoweringTable = {
  Concat: (parts, { axis }) => [joined(parts, axis as number)],
  Split: ([x, extents], { axis }) => cut(x, Array.from(extents.constant!, Number), axis as number),
  Pad: ([x, margins]) => [padded(x, Array.from(margins.constant!, Number))],
  MatMul: ([a, b]) => [isMix(a, b) ? mixed(a, b) : o.matmul(a, b)],
};

/** Extent from which an axis is long: every run builds a table of all its positions. */
const LONG = 2 ** 16;

/** Concatenates parts, in rows of elements if that makes a long axis shorter. */
function joined(parts: readonly Value[], axis: number): Value {
  const extents = parts.map(({ shape }) => shape[axis]);
  const row = extents.reduce(greatestCommonDivisor);
  const isLong = extents.reduce((sum, extent) => sum + extent) >= LONG;
  if (!isLong || row === 1) return o.concat(parts, axis);
  const rows = parts.map((part) =>
    o.reshape(part, part.shape.toSpliced(axis, 1, part.shape[axis] / row, row))
  );
  const all = o.concat(rows, axis);
  return o.reshape(all, all.shape.toSpliced(axis, 2, all.shape[axis] * row));
}

/** Splits an axis, slice by slice if it is long. */
function cut(x: Value, extents: readonly number[], axis: number): Value[] {
  if (x.shape[axis] < LONG) return o.split(x, extents, axis);
  let start = 0;
  return extents.map((extent) => o.slice(x, [{ axis, start, end: start += extent }]));
}

/** Pads an array by concatenating zeros axis by axis. */
function padded(x: Value, margins: readonly number[]): Value {
  const rank = x.shape.length;
  return x.shape.reduce((inner, _, axis) => {
    const zeros = (extent: number) =>
      extent === 0 ? [] : [o.expand(
        o.cast(o.scalar(x.graph, 0), x.type),
        inner.shape.with(axis, extent),
      )];
    return joined([...zeros(margins[axis]), inner, ...zeros(margins[axis + rank])], axis);
  }, x);
}

/** Largest number of rows and columns of a matrix whose product is computed elementwise. */
const FEW = 4;

/** Whether a product mixes a few long vectors, which cuBLAS would round to 10 bits. */
function isMix(a: Value, b: Value): boolean {
  return a.type === "float32" && a.shape.length === 2 && b.shape.length === 2 &&
    Math.max(...a.shape) <= FEW && b.shape[1] >= LONG;
}

/** Computes a · b as sums of b's rows. */
function mixed(a: Value, b: Value): Value {
  const [rows, columns] = a.shape;
  const numbers = o.split(o.reshape(a, [rows * columns]), new Array(rows * columns).fill(1), 0);
  const vectors = rowsOf(b);
  const sums = Array.from(
    { length: rows },
    (_, row) =>
      vectors.map((vector, column) => o.mul(vector, numbers[row * columns + column]))
        .reduce((sum, term) => o.add(sum, term)),
  );
  return o.concat(sums, 0);
}

/** Returns a matrix's rows, (1, n) each; if it is a concatenation of rows, its inputs. */
function rowsOf(x: Value): readonly Value[] {
  const producer = x.graph.producerOf(x);
  const isStack = producer?.operator === "Concat" && producer.attributes.axis === 0 &&
    producer.inputs.every((input) => input!.shape[0] === 1);
  return isStack
    ? producer.inputs as readonly Value[]
    : o.split(x, new Array(x.shape[0]).fill(1), 0);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
