/** Element types of tensors. */

/** The element types that graphs use, under ONNX Runtime's names. */
export type DataType = "float32" | "float16" | "int64" | "int32" | "uint8" | "bool";

export const bytesPerElement: Readonly<Record<DataType, number>> = {
  float32: 4,
  float16: 2,
  int64: 8,
  int32: 4,
  uint8: 1,
  bool: 1,
};
