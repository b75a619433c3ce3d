/** ONNX Runtime in WebAssembly with WebGPU, for pages that find a graphics processor. */

export { env, InferenceSession, Tensor } from "npm:onnxruntime-web@1.30.0/webgpu";
