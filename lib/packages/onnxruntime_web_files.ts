/** ONNX Runtime's WebAssembly for pages, as files for `packageFile()`. Importing it installs it. */

// deno-lint-ignore no-import-prefix -- A program elsewhere has no import map.
import "npm:onnxruntime-web@1.30.0/ort-wasm-simd-threaded.mjs";

/** The WebAssembly, and the module that its threads run. */
export const onnxruntimeWebFiles = {
  wasm: "onnxruntime-web/ort-wasm-simd-threaded.wasm",
  /** The same with WebGPU. */
  webgpu: "onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm",
  threads: "onnxruntime-web/ort-wasm-simd-threaded.mjs",
} as const;
