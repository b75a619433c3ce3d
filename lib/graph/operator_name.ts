/** Lists operators' names, the keys of every table with one row per operator. */

/**
 * The operators that graphs may contain, by their ONNX names. Operators outside of ONNX's own
 * domain are prefixed with their domain and a colon.
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
  | "Erf"
  | "Exp"
  | "Expand"
  | "Gather"
  | "Greater"
  | "HardSigmoid"
  | "Identity"
  | "InstanceNormalization"
  | "LayerNormalization"
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
  // ONNX Runtime's operators.
  | "com.microsoft:FusedMatMul"
  // ONNX Runtime's operators on blocked channels: see `lib/lowering/blocked/operators.ts`.
  | "com.microsoft.nchwc:Conv"
  | "com.microsoft.nchwc:GlobalAveragePool"
  | "com.microsoft.nchwc:ReorderInput"
  | "com.microsoft.nchwc:ReorderOutput"
  // To be lowered before a graph is encoded: see `lib/lowering/attention.ts`.
  | "nnunet:Attention"
  | "nnunet:AttentionGradient"
  // Derivatives, to be lowered before a graph is encoded: see `lib/autodiff/derivatives.ts`.
  | "nnunet:BatchNormalizationGradient"
  | "nnunet:ConvInputGradient"
  | "nnunet:ConvWeightGradient"
  | "nnunet:InstanceNormalizationGradient"
  | "nnunet:LeakyReluGradient";
