/** Names of operators, the keys of every table with an operator a row. */

/**
 * The operators that graphs may contain, as ONNX names them, after their domain and a colon where
 * that is not ONNX's own.
 *
 * A row for an operator that is not listed here fails to compile, in every table.
 */
export type OperatorName =
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
  | "Where"
  // ONNX Runtime's own.
  | "com.microsoft:FusedMatMul"
  // ONNX Runtime's on blocked channels: see `lib/lowering/blocked/operators.ts`.
  | "com.microsoft.nchwc:Conv"
  | "com.microsoft.nchwc:GlobalAveragePool"
  | "com.microsoft.nchwc:ReorderInput"
  | "com.microsoft.nchwc:ReorderOutput"
  // Derivatives, to be lowered before a graph is encoded: see `lib/autodiff/derivatives.ts`.
  | "nnunet:ConvInputGradient"
  | "nnunet:ConvWeightGradient"
  | "nnunet:InstanceNormalizationGradient"
  | "nnunet:LeakyReluGradient";
