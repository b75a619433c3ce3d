/** Provides ONNX Runtime in WebAssembly, on the processor or with WebGPU. */

import type {
  OnnxRuntime,
  RuntimeData,
  RuntimeOptions,
  RuntimeSession,
  RuntimeTensor,
} from "../../platform/onnx_runtime.ts";
import { pageResources, wasmBinary, webgpuWasmName } from "../page_resources.ts";
import { processorCount } from "./processors.ts";

export type { OnnxRuntime, RuntimeData, RuntimeOptions, RuntimeSession, RuntimeTensor };

type Runtime = typeof import("../../packages/onnxruntime_web.ts");

let starting: Promise<Runtime> | undefined;
let startingWebgpu: Promise<Runtime> | undefined;
let loaded: Runtime | undefined;

/** Loads the runtime with WebGPU, which threads do once. */
async function loadWebgpu(): Promise<Runtime> {
  const runtime = await import("../../packages/onnxruntime_webgpu.ts");
  runtime.env.wasm.wasmBinary = await wasmBinary(webgpuWasmName);
  runtime.env.wasm.numThreads = 1;
  loaded ??= runtime;
  return runtime;
}

/** Loads the runtime, which threads do once, with the threads that a page may use. */
async function load(): Promise<Runtime> {
  const runtime = await import("../../packages/onnxruntime_web.ts");
  const { wasm } = runtime.env;
  wasm.wasmBinary = await wasmBinary("onnxruntime.wasm");
  wasm.numThreads = processorCount();
  // Its threads run a script of their own; without threads, the part of it in this script is used.
  if (wasm.numThreads > 1) wasm.wasmPaths = { mjs: pageResources().threadScript };
  return loaded = runtime;
}

/** ONNX Runtime on this platform. */
export const onnxRuntime: OnnxRuntime = {
  fillsOutputs: false,
  isWebAssembly: true,

  async createSession(model, { mergeEqual, executionProviders }): Promise<RuntimeSession> {
    const isOnGpu = executionProviders[0] !== "cpu";
    const { InferenceSession } =
      await (isOnGpu ? startingWebgpu ??= loadWebgpu() : starting ??= load());
    const session = await InferenceSession.create(model, {
      executionProviders: isOnGpu ? [executionProviders[0] as "webgpu"] : ["wasm"],
      // Memory patterns need 50 % more memory and save no time.
      enableMemPattern: false,
      logSeverityLevel: 3,
      ...!mergeEqual && {
        extra: { optimization: { disable_specified_optimizers: "CommonSubexpressionElimination" } },
      },
    });
    return {
      outputNames: session.outputNames,
      async run(inputs, outputs) {
        // Tensors that are given as outputs would not be filled.
        const wanted = Object.fromEntries(Object.keys(outputs).map((name) => [name, null]));
        return await session.run(inputs as never, wanted);
      },
      release: () => session.release(),
    };
  },

  createTensor: (type, data, dims) =>
    new loaded!.Tensor(type as "float32", data as Float32Array, dims),
};
