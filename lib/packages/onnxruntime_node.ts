/** ONNX Runtime, which computes everything. */

export { InferenceSession, Tensor } from "npm:onnxruntime-node@1.30.0";
