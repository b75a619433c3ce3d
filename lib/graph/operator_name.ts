/**
 * Names of the operators that graphs may contain: as ONNX writes them, after their domain and a colon
 * where that is not ONNX's own.
 *
 * Every table with an operator a row has these names as keys, so that a row for an operator that does
 * not exist fails to compile.
 */

/** Operators of ONNX itself. @see https://onnx.ai/onnx/operators/ */
export type OnnxOperator =
  | "Abs"
  | "Add"
  | "ArgMax"
  | "AveragePool"
  | "BatchNormalization"
  | "Cast"
  | "Clip"
  | "Concat"
  | "Conv"
  | "ConvTranspose"
  | "Div"
  | "Equal"
  | "Exp"
  | "Expand"
  | "Gather"
  | "Greater"
  | "HardSigmoid"
  | "Identity"
  | "InstanceNormalization"
  | "LeakyRelu"
  | "Less"
  | "Log"
  | "LogSoftmax"
  | "MatMul"
  | "Max"
  | "Min"
  | "Mul"
  | "Neg"
  | "Not"
  | "Pad"
  | "ReduceMax"
  | "ReduceMean"
  | "ReduceMin"
  | "ReduceSum"
  | "ReduceSumSquare"
  | "Reshape"
  | "ScatterElements"
  | "Sigmoid"
  | "Slice"
  | "Softmax"
  | "Split"
  | "Sqrt"
  | "Sub"
  | "TopK"
  | "Transpose"
  | "Where";

/** ONNX Runtime's own operators on blocked channels: see `lib/lowering/blocked/operators.ts`. */
export type BlockedOperator = `com.microsoft.nchwc:${
  | "Conv"
  | "GlobalAveragePool"
  | "ReorderInput"
  | "ReorderOutput"}`;

/** Derivatives that have to be lowered before encoding: see `lib/autodiff/derivatives.ts`. */
export type DerivativeOperator = `nnunet:${
  | "ConvInputGradient"
  | "ConvWeightGradient"
  | "InstanceNormalizationGradient"
  | "LeakyReluGradient"}`;

/** Every operator that a graph may contain. */
export type OperatorName =
  | OnnxOperator
  | "com.microsoft:FusedMatMul"
  | BlockedOperator
  | DerivativeOperator;
