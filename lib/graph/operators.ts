/**
 * ONNX operators as functions of values.
 *
 * A number may take the place of a scalar of the other operand's type: `mul(x, 2)`. Axes count from
 * 0, outermost first.
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

/** A float32 scalar. */
export function scalar(graph: Graph, value: number): Value {
  return graph.constant("float32", [], Float32Array.of(value));
}

/** A one-dimensional int64 constant: shapes, axes, starts. */
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

/** −x */
export const neg: (x: Value) => Value = unary("Neg");
/** |x| */
export const abs: (x: Value) => Value = unary("Abs");
/** eˣ */
export const exp: (x: Value) => Value = unary("Exp");
/** Natural logarithm. */
export const log: (x: Value) => Value = unary("Log");
/** √x */
export const sqrt: (x: Value) => Value = unary("Sqrt");
/** 1 / (1 + e⁻ˣ) */
export const sigmoid: (x: Value) => Value = unary("Sigmoid");
/** A copy under another name. */
export const identity: (x: Value) => Value = unary("Identity");
/** Elements that are false; bool. */
export const not: (x: Value) => Value = unary("Not");

/** a + b; shapes broadcast. */
export const add: (a: Operand, b: Operand) => Value = binary("Add");
/** a − b; shapes broadcast. */
export const sub: (a: Operand, b: Operand) => Value = binary("Sub");
/** a · b, element by element; shapes broadcast. */
export const mul: (a: Operand, b: Operand) => Value = binary("Mul");
/** a / b, element by element; shapes broadcast. */
export const div: (a: Operand, b: Operand) => Value = binary("Div");
/** The larger of two elements; shapes broadcast. */
export const max: (a: Operand, b: Operand) => Value = binary("Max");
/** The smaller of two elements; shapes broadcast. */
export const min: (a: Operand, b: Operand) => Value = binary("Min");
/** Where a = b; bool, shapes broadcast. */
export const equal: (a: Operand, b: Operand) => Value = binary("Equal");
/** Where a > b; bool, shapes broadcast. */
export const greater: (a: Operand, b: Operand) => Value = binary("Greater");
/** Where a < b; bool, shapes broadcast. */
export const less: (a: Operand, b: Operand) => Value = binary("Less");

/** The sum of several values of one shape. */
export function sum(values: readonly Value[]): Value {
  return values.reduce((total, value) => add(total, value));
}

/** Elements of `a` where the condition (bool) holds, of `b` elsewhere; shapes broadcast. */
export function where(condition: Value, a: Operand, b: Operand): Value {
  const like = (typeof a === "number" ? b : a) as Value;
  const value = (x: Operand) => typeof x === "number" ? constantLike(like, x) : x;
  return apply("Where", [condition, value(a), value(b)])[0];
}

/** Limits every element to [lo, hi]. */
export function clip(x: Value, lo: number, hi: number): Value {
  return apply("Clip", [x, constantLike(x, lo), constantLike(x, hi)])[0];
}

/** The same elements as another type. */
export function cast(x: Value, to: DataType): Value {
  return x.type === to ? x : apply("Cast", [x], { to })[0];
}

/** x where it is positive, alpha · x elsewhere. */
export function leakyRelu(x: Value, alpha: number): Value {
  return apply("LeakyRelu", [x], { alpha })[0];
}

/** max(0, min(1, alpha · x + beta)) */
export function hardSigmoid(x: Value, alpha: number, beta: number): Value {
  return apply("HardSigmoid", [x], { alpha, beta })[0];
}

/** eˣ divided by its sum along an axis. */
export function softmax(x: Value, axis: number): Value {
  return apply("Softmax", [x], { axis })[0];
}

/** The logarithm of {@link softmax}, without its rounding. */
export function logSoftmax(x: Value, axis: number): Value {
  return apply("LogSoftmax", [x], { axis })[0];
}

const reduction =
  (operator: OperatorName) => (x: Value, axes?: readonly number[], keepDims = false) =>
    apply(operator, axes ? [x, integers(x.graph, axes)] : [x], { keepdims: keepDims ? 1 : 0 })[0];

/**
 * Combines elements along axes.
 *
 * @param axes All axes if left out.
 * @param keepDims Whether reduced axes stay, with extent 1; false by default.
 */
export type Reduction = (x: Value, axes?: readonly number[], keepDims?: boolean) => Value;

/** Sum over the axes, or over everything. */
export const reduceSum: Reduction = reduction("ReduceSum");
/** Mean over the axes, or over everything. */
export const reduceMean: Reduction = reduction("ReduceMean");
/** Largest element over the axes, or over everything. */
export const reduceMax: Reduction = reduction("ReduceMax");
/** Smallest element over the axes, or over everything. */
export const reduceMin: Reduction = reduction("ReduceMin");
/** Sum of squares over the axes, or over everything. */
export const reduceSumSquare: Reduction = reduction("ReduceSumSquare");

/** Index of the largest element along an axis, which stays with extent 1; int64. */
export function argMax(x: Value, axis: number): Value {
  return apply("ArgMax", [x], { axis, keepdims: 1 })[0];
}

/**
 * The largest elements along an axis, largest first, and their indices along it (int64).
 *
 * @param count How many, at most the axis's extent.
 */
export function topK(x: Value, count: number, axis: number): readonly [Value, Value] {
  const [values, indices] = apply("TopK", [x, integers(x.graph, [count])], { axis });
  return [values, indices];
}

/**
 * `x` with some of its elements replaced.
 *
 * @param indices Indices along the axis, of the shape of `updates`; int64.
 * @param updates The new elements.
 */
export function scatterElements(x: Value, indices: Value, updates: Value, axis: number): Value {
  return apply("ScatterElements", [x, indices, updates], { axis })[0];
}

/** The same elements under another shape; one extent may be −1. */
export function reshape(x: Value, shape: Shape): Value {
  const known = sizeOf(shape.filter((extent) => extent >= 0));
  const full = shape.map((extent) => extent < 0 ? sizeOf(x.shape) / known : extent);
  return sameShape(full, x.shape) ? x : apply("Reshape", [x, integers(x.graph, full)])[0];
}

/** Axes in another order: axis i of the result is axis `permutation[i]` of `x`. */
export function transpose(x: Value, permutation: readonly number[]): Value {
  return permutation.every((axis, i) => axis === i)
    ? x
    : apply("Transpose", [x], { perm: permutation })[0];
}

/** Repeats axes of extent 1 until the shape is filled. */
export function expand(x: Value, shape: Shape): Value {
  return sameShape(x.shape, shape) ? x : apply("Expand", [x, integers(x.graph, shape)])[0];
}

/** Arrays joined along an axis; their other extents are equal. */
export function concat(values: readonly Value[], axis: number): Value {
  return values.length === 1 ? values[0] : apply("Concat", values, { axis })[0];
}

/** Cuts an axis into parts of the given extents, which add up to its own. */
export function split(x: Value, parts: readonly number[], axis: number): Value[] {
  return parts.length === 1 ? [x] : apply("Split", [x, integers(x.graph, parts)], { axis });
}

/** The range of a slice along one axis. */
export interface SliceRange {
  readonly axis: number;
  readonly start: number;
  /** One past the last; the axis's extent by default. */
  readonly end?: number;
  /** 1 by default; a negative step runs backwards from `start` to the axis's beginning. */
  readonly step?: number;
}

/** The part of an array that lies within ranges; axes without a range are kept whole. */
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

/** Entries of an axis by index, in any order, each any number of times. */
export function gather(x: Value, indices: readonly number[], axis: number): Value {
  return apply("Gather", [x, integers(x.graph, indices)], { axis })[0];
}

/** Zeros around an array. */
export function pad(x: Value, before: readonly number[], after: readonly number[]): Value {
  if ([...before, ...after].every((n) => n === 0)) return x;
  return apply("Pad", [x, integers(x.graph, [...before, ...after])])[0];
}

/** Matrix product over the last two axes; leading axes broadcast. */
export function matmul(a: Value, b: Value): Value {
  return apply("MatMul", [a, b])[0];
}

/** a · bᵀ over the last two axes, without writing the transpose. */
export function matmulTransposed(a: Value, b: Value): Value {
  return apply("com.microsoft:FusedMatMul", [a, b], { transB: 1 })[0];
}

/** Geometry of a convolution; entries are per spatial axis, outermost first. */
export interface ConvolutionOptions {
  readonly strides?: readonly number[];
  readonly dilations?: readonly number[];
  /** Zeros before each axis, then after each axis. */
  readonly pads?: readonly number[];
  readonly group?: number;
}

/** The attributes for options, without those left out. */
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
 * Means over windows that lie side by side.
 *
 * @param x (n, c, …spatial)
 * @param window Voxels per axis; those at an axis's end that fill no window are left out.
 */
export function averagePool(x: Value, window: readonly number[]): Value {
  return apply("AveragePool", [x], { kernel_shape: window, strides: window })[0];
}

/**
 * (x − mean) / √(variance + epsilon) · scale + bias, mean and variance over the spatial axes of
 * each sample and channel.
 */
export function instanceNorm(x: Value, scale: Value, bias: Value, epsilon: number): Value {
  return apply("InstanceNormalization", [x, scale, bias], { epsilon })[0];
}

/**
 * Per channel (axis 1): (x − mean) / √(variance + epsilon) · scale + bias, with given statistics.
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
 * Batch normalization with the statistics of `x` itself, which are outputs, too.
 *
 * @param mean Only its shape matters. ONNX Runtime overwrites it, so no other node may read it.
 * @param variance Likewise.
 * @returns The normalized array, mean and (population) variance.
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
