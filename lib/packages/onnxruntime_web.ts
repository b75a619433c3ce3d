/**
 * ONNX Runtime in WebAssembly, for pages: the build without WebGPU, whose kernels are the fastest on
 * the processor. Its version is onnxruntime-node's, so that both compute the same.
 */

export { env, InferenceSession, Tensor } from "npm:onnxruntime-web@1.30.0/wasm";
