/**
 * Lists the lowerings for GPUs through WebGPU: operators that ONNX Runtime's provider lacks are
 * expressed with operators that it has, and 3D convolutions with operators that it computes fast.
 *
 * @see NOTES-webgpu.md
 */

import { type Shape, sizeOf } from "../../array/nd_array.ts";
import { type Attributes, convolutionAttributes } from "../../graph/attributes.ts";
import type { Value } from "../../graph/graph.ts";
import type { OperatorName } from "../../graph/operator_name.ts";
import * as o from "../../graph/operators.ts";
import { cutsIntoBricks } from "../bricks.ts";
import { convInputGradientAsConvs, type Convolve } from "../convolution_gradients.ts";
import { logSoftmaxByParts } from "../log_softmax.ts";
import type { Lowering, LoweringTable } from "../lower.ts";
import { brickConv, brickTransposedConv, interleave } from "./brick_convolutions.ts";
import { gpuDerivatives } from "./derivatives.ts";
import { largestDivisor } from "./largest_divisor.ts";
import { planeConv } from "./plane_convolution.ts";
import { shiftedProducts } from "./shifted_products.ts";

/** Computes `Conv(x, w, bias)`, 3D convolutions as 2D ones over planes, which are fast. */
const convolve: Convolve = (x, w, bias, attributes) => {
  const kernel = w.shape.slice(2);
  const geometry = convolutionAttributes(attributes, kernel.length);
  const fits = x.shape.slice(2).every((n, i) => n % kernel[i] === 0);
  if (fits && cutsIntoBricks(kernel, geometry)) return brickConv(x, w, bias);
  return kernel.length === 3 && geometry.group === 1
    ? planeConv(x, w, bias, attributes)
    : o.conv(x, w, bias, attributes);
};

export const webgpuLowerings: LoweringTable = {
  ...gpuDerivatives,
  Conv: ([x, w, bias], attributes) => [convolve(x, w, bias, attributes)],
  "nnunet:ConvInputGradient": ([dy, w], { shape, ...attributes }) => [
    convInputGradientAsConvs(dy, w, shape as Shape, attributes, convolve, interleave),
  ],
  "nnunet:ConvWeightGradient": ([x, dy], { shape, ...attributes }) => [
    shiftedProducts(x, dy, shape as Shape, attributes),
  ],
  ConvTranspose: ([x, w, bias], attributes) => [convTranspose(x, w, bias, attributes)],
  LogSoftmax: ([x], { axis }) => [logSoftmaxByParts(x, axis as number)],
  ArgMax: ([x], { axis }) => [firstLargest(x, axis as number)],
  Cast: ([x], { to }) => [castOf(x, to as Value["type"])],
  "com.microsoft:FusedMatMul": ([a, b]) => {
    const axes = b.shape.map((_, axis) => axis);
    return [o.matmul(a, o.transpose(b, [...axes.slice(0, -2), axes.at(-1)!, axes.at(-2)!]))];
  },
  ReduceSum: inTwoSteps("ReduceSum", o.reduceSum),
  ReduceSumSquare: inTwoSteps("ReduceSumSquare", o.reduceSum),
  ReduceMean: inTwoSteps("ReduceMean", o.reduceMean),
  ReduceMax: inTwoSteps("ReduceMax", o.reduceMax),
};

/** Computes `ConvTranspose(x, w, bias)`, which the provider supports only in 1D and 2D. */
function convTranspose(
  x: Value,
  w: Value,
  bias: Value | undefined,
  attributes: Attributes,
): Value {
  const [batch, , ...size] = x.shape;
  const [, filters, ...kernel] = w.shape;
  const rank = size.length;
  const geometry = convolutionAttributes(attributes, rank);
  if (cutsIntoBricks(kernel, geometry)) return brickTransposedConv(x, w, bias);
  if (rank < 3) {
    return x.graph.add("ConvTranspose", bias ? [x, w, bias] : [x, w], attributes)[0];
  }
  const { strides, dilations, pads, outputPadding } = geometry;
  const extent = size.map((n, i) =>
    (n - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1 + outputPadding[i] -
    pads[i] - pads[i + rank]
  );
  const { output_padding: _, ...convolution } = attributes;
  const shape = [batch, filters, ...extent];
  const image = convInputGradientAsConvs(x, w, shape, convolution, convolve, interleave);
  return bias ? o.add(image, o.reshape(bias, [1, filters, ...size.map(() => 1)])) : image;
}

/** Returns the index of the first largest element, without 64-bit integers, which GPUs lack. */
function firstLargest(x: Value, axis: number): Value {
  const extent = x.shape[axis];
  const shape = x.shape.map((_, i) => i === axis ? extent : 1);
  const indices = x.graph.constant(
    "float32",
    shape,
    // Descending, so that the first index is the largest.
    Float32Array.from({ length: extent }, (_, i) => extent - 1 - i),
  );
  const isLargest = o.equal(x, o.reduceMax(x, [axis], true));
  const index = o.reduceMax(o.where(isLargest, indices, -1), [axis], true);
  return o.cast(o.cast(o.sub(extent - 1, index), "int32"), "int64");
}

/** Casts a value; a cast of a cast to int64 starts from the input of the latter. */
function castOf(x: Value, to: Value["type"]): Value {
  const producer = x.graph.producerOf(x);
  const isWide = x.type === "int64" && producer?.operator === "Cast";
  const source = isWide ? producer.inputs[0]! : x;
  return o.cast(source, to);
}

/** Number of elements from which a reduction to few results is computed in two steps. */
const LONG = 2 ** 16;

/**
 * Reduces the last axes in two steps, since a single step uses only as many cores as it has
 * results.
 *
 * @param operator The operator of the first step.
 * @param second Reduces the results of the first step.
 */
function inTwoSteps(
  operator: OperatorName,
  second: (x: Value, axes?: readonly number[], keepDims?: boolean) => Value,
): Lowering {
  return ([x, axes], attributes) => {
    const rank = x.shape.length;
    const reduced = axes
      ? Array.from(axes.constant!, Number).map((axis) => axis < 0 ? axis + rank : axis).toSorted()
      : x.shape.map((_, axis) => axis);
    const first = rank - reduced.length;
    const isTrailing = reduced.every((axis, i) => axis === first + i);
    const length = sizeOf(x.shape.slice(first));
    const rows = sizeOf(x.shape.slice(0, first));
    const inputs = axes ? [x, axes] : [x];
    const width = isTrailing && length >= LONG ? largestDivisor(length, Math.sqrt(length)) : 1;
    if (width === 1) return x.graph.add(operator, inputs, attributes);
    const [result] = x.graph.add(operator, inputs, attributes); // For its shape; nothing reads it.
    const cut = o.reshape(x, [rows, length / width, width]);
    const [partial] = x.graph.add(
      operator,
      [cut, o.integers(x.graph, [2])],
      { ...attributes, keepdims: 0 },
    );
    return [o.reshape(second(partial, [1]), result.shape)];
  };
}
