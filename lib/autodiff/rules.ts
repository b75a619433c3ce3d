/**
 * Defines the derivatives of operators in a table with one row per operator.
 *
 * A rule takes the gradients of a node's outputs, its inputs, its outputs and its attributes, and
 * returns the gradient of each input, or `null` for an input without gradient (a shape, a
 * condition). Rules compute all gradients; those that are not needed are omitted when the model is
 * encoded.
 */

import { sizeOf } from "../array/nd_array.ts";
import type { Attributes } from "../graph/attributes.ts";
import type { Value } from "../graph/graph.ts";
import type { OperatorName } from "../graph/operator_name.ts";
import * as o from "../graph/operators.ts";
import {
  broadcastBack,
  pooledBack,
  reducedBack,
  slicedBack,
  sumToShape,
  swapLastAxes,
} from "./adjoints.ts";
import { givenStatisticsBack, ownStatisticsBack } from "./batch_norm_gradient.ts";
import {
  attentionGradient,
  convInputGradient,
  convWeightGradient,
  instanceNormGradient,
  leakyReluGradient,
} from "./derivatives.ts";
import { layerNormGradient } from "./layer_norm_gradient.ts";

/** Returns the gradients of a node's inputs from the gradients of its outputs. */
export type GradientRule = (
  dys: readonly Value[],
  inputs: readonly Value[],
  outputs: readonly Value[],
  attributes: Attributes,
) => (Value | null)[];

/** The gradient rules by operator; `gradients()` rejects operators without one. */
export const gradientRules: Readonly<Partial<Record<OperatorName, GradientRule>>> = {
  // Arithmetic; operands may have been broadcast.
  Add: ([dy], [a, b]) => [sumToShape(dy, a.shape), sumToShape(dy, b.shape)],
  Sub: ([dy], [a, b]) => [sumToShape(dy, a.shape), sumToShape(o.neg(dy), b.shape)],
  Mul: ([dy], [a, b]) => [sumToShape(o.mul(dy, b), a.shape), sumToShape(o.mul(dy, a), b.shape)],
  Div: ([dy], [a, b], [y]) => [
    sumToShape(o.div(dy, b), a.shape),
    sumToShape(o.neg(o.div(o.mul(dy, y), b)), b.shape),
  ],
  Max: ([dy], [a, b]) => [
    sumToShape(o.where(o.less(a, b), 0, dy), a.shape),
    sumToShape(o.where(o.less(a, b), dy, 0), b.shape),
  ],
  Where: ([dy], [condition, a, b]) => [
    null,
    sumToShape(o.where(condition, dy, 0), a.shape),
    sumToShape(o.where(condition, 0, dy), b.shape),
  ],

  // Functions of one value.
  Neg: ([dy]) => [o.neg(dy)],
  Abs: ([dy], [x]) => [o.where(o.less(x, 0), o.neg(dy), dy)],
  Exp: ([dy], _, [y]) => [o.mul(dy, y)],
  Log: ([dy], [x]) => [o.div(dy, x)],
  Sqrt: ([dy], _, [y]) => [o.div(o.mul(dy, 0.5), y)],
  Sigmoid: ([dy], _, [y]) => [o.mul(dy, o.mul(y, o.sub(1, y)))],
  Erf: ([dy], [x]) => [o.mul(dy, o.mul(o.exp(o.neg(o.mul(x, x))), 2 / Math.sqrt(Math.PI)))],
  Identity: ([dy]) => [dy],
  LeakyRelu: ([dy], _, [y], attributes) => [leakyReluGradient(y, dy, attributes)],
  Softmax: ([dy], _, [y], { axis }) => [
    o.mul(y, o.sub(dy, o.reduceSum(o.mul(dy, y), [axis as number], true))),
  ],
  LogSoftmax: ([dy], _, [y], { axis }) => [
    o.sub(dy, o.mul(o.exp(y), o.reduceSum(dy, [axis as number], true))),
  ],

  // Sums.
  ReduceSum: ([dy], [x, axes]) => [broadcastBack(dy, x.shape, axes), null],
  ReduceMean: ([dy], [x, axes]) => [
    o.div(broadcastBack(dy, x.shape, axes), reducedBack(x.shape, axes)),
    null,
  ],
  ReduceSumSquare: ([dy], [x, axes]) => [
    o.mul(o.mul(x, 2), broadcastBack(dy, x.shape, axes)),
    null,
  ],
  // Only the largest elements have a gradient.
  TopK: ([dy], [x], [, indices], { axis }) => [
    o.scatterElements(o.expand(o.scalar(x.graph, 0), x.shape), indices, dy, axis as number),
    null,
  ],
  MatMul: ([dy], [a, b]) => [
    sumToShape(o.matmul(dy, swapLastAxes(b)), a.shape),
    sumToShape(o.matmul(swapLastAxes(a), dy), b.shape),
  ],

  // Rearrangements.
  Reshape: ([dy], [x]) => [o.reshape(dy, x.shape), null],
  Transpose: ([dy], _x, _y, { perm }) => {
    const forward = perm as readonly number[];
    return [o.transpose(dy, forward.map((_, axis) => forward.indexOf(axis)))];
  },
  Expand: ([dy], [x]) => [sumToShape(dy, x.shape), null],
  Concat: ([dy], inputs, _, { axis }) =>
    o.split(dy, inputs.map((x) => x.shape[axis as number]), axis as number),
  Split: (dys, _x, _y, { axis }) => [o.concat(dys, axis as number), null],
  Slice: ([dy], [x, ...ranges]) => [slicedBack(dy, x.shape, ranges), null, null, null, null],
  Pad: ([dy], [x, pads]) => {
    const before = Array.from(pads.constant!, Number);
    return [
      o.slice(dy, x.shape.map((n, axis) => ({ axis, start: before[axis], end: before[axis] + n }))),
      null,
    ];
  },

  // Layers.
  Conv: ([dy], [x, w], _, attributes) => [
    convInputGradient(dy, w, x.shape, attributes),
    convWeightGradient(x, dy, w.shape, attributes),
    sumToShape(dy, [1, dy.shape[1], ...x.shape.slice(2).map(() => 1)], [dy.shape[1]]),
  ],
  // A transposed convolution is a convolution's input gradient: the roles of image and output swap.
  ConvTranspose: ([dy], [x, w], _, { output_padding: _padding, ...attributes }) => [
    o.conv(dy, w, null, attributes),
    convWeightGradient(dy, x, w.shape, attributes),
    sumToShape(dy, [1, dy.shape[1], ...x.shape.slice(2).map(() => 1)], [dy.shape[1]]),
  ],
  AveragePool: ([dy], [x], _, { kernel_shape }) => {
    const window = kernel_shape as readonly number[];
    return [pooledBack(o.div(dy, sizeOf(window)), window, x.shape)];
  },
  BatchNormalization([dy, dMean, dVariance], inputs, [, mean], { epsilon, training_mode }) {
    if (!training_mode) return givenStatisticsBack(inputs, dy, epsilon as number);
    const [x, scale] = inputs;
    const own = { dy, dMean, dVariance, mean };
    return [...ownStatisticsBack(x, scale, own, epsilon as number), null, null];
  },
  InstanceNormalization: ([dy], [x, scale], _, attributes) =>
    instanceNormGradient(x, scale, dy, attributes),
  LayerNormalization: ([dy], [x, scale], _, { epsilon }) =>
    layerNormGradient(x, scale, dy, epsilon as number),
  "nnunet:Attention": ([dy], [q, k, v]) => attentionGradient(q, k, v, dy),
};
