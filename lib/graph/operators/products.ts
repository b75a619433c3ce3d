/** Matrix products, convolutions and pooling. */

import type { Attributes } from "../attributes.ts";
import type { Value } from "../graph.ts";
import { mul } from "./arithmetic.ts";
import { apply } from "./operand.ts";

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

/**
 * Scaled dot-product attention: softmax(q · kᵀ / √d) · v for each sample and head.
 *
 * The weights that each query gives to the keys are never in memory for all heads of all layers at
 * once: a training step computes them again for the gradient.
 *
 * @param q Queries, (n, heads, queries, d)
 * @param k Keys, (n, heads, keys, d)
 * @param v Values, (n, heads, keys, width)
 * @returns (n, heads, queries, width)
 * @throws {RangeError} If the shapes do not match.
 * @see Vaswani et al. 2017, Attention Is All You Need, section 3.2.1
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { attention, Graph } from "nnunet/parts";
 *
 * const graph = new Graph();
 * const q = graph.input("q", "float32", [2, 6, 64, 12]);
 * const k = graph.input("k", "float32", [2, 6, 64, 12]);
 * const v = graph.input("v", "float32", [2, 6, 64, 12]);
 * assert.deepEqual(attention(q, k, v).shape, [2, 6, 64, 12]);
 * ```
 */
export function attention(q: Value, k: Value, v: Value): Value {
  return apply("nnunet:Attention", [mul(q, q.shape[3] ** -0.5), k, v])[0];
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
