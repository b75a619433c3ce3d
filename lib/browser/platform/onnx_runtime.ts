/** Provides ONNX Runtime in WebAssembly, on the processor. */

import type {
  OnnxRuntime,
  RuntimeData,
  RuntimeOptions,
  RuntimeSession,
  RuntimeTensor,
} from "../../platform/onnx_runtime.ts";
import { pageResources, wasmBinary } from "../page_resources.ts";
import { processorCount } from "./processors.ts";

export type { OnnxRuntime, RuntimeData, RuntimeOptions, RuntimeSession, RuntimeTensor };

type Runtime = typeof import("../../packages/onnxruntime_web.ts");

let starting: Promise<Runtime> | undefined;
let loaded: Runtime | undefined;

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

  async createSession(model, { mergeEqual }): Promise<RuntimeSession> {
    const { InferenceSession } = await (starting ??= load());
    const session = await InferenceSession.create(model, {
      executionProviders: ["wasm"],
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
