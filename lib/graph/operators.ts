/**
 * ONNX's operators as functions of values.
 *
 * Where an operand may be a number, it becomes a scalar of the other operand's type: `mul(x, 2)`.
 * Axes count from 0, outermost first.
 *
 * @see https://onnx.ai/onnx/operators/ (opset 21)
 */

export { cast, integers, type Operand, scalar } from "./operators/operand.ts";
export {
  abs,
  add,
  clip,
  div,
  equal,
  exp,
  greater,
  identity,
  less,
  log,
  max,
  min,
  mul,
  neg,
  not,
  sqrt,
  sub,
  sum,
  where,
} from "./operators/arithmetic.ts";
export {
  erf,
  hardSigmoid,
  leakyRelu,
  logSoftmax,
  sigmoid,
  softmax,
} from "./operators/activations.ts";
export {
  argMax,
  reduceMax,
  reduceMean,
  reduceMin,
  reduceSum,
  reduceSumSquare,
  type Reduction,
  topK,
} from "./operators/reductions.ts";
export {
  concat,
  expand,
  gather,
  pad,
  reshape,
  scatterElements,
  slice,
  type SliceRange,
  split,
  transpose,
} from "./operators/layout.ts";
export {
  attention,
  averagePool,
  conv,
  type ConvolutionOptions,
  convTranspose,
  matmul,
  matmulTransposed,
} from "./operators/products.ts";
export {
  batchNorm,
  batchNormTraining,
  instanceNorm,
  layerNorm,
} from "./operators/normalization.ts";
