/**
 * Provides the parts of ONNX Runtime that the library uses.
 *
 * Here it is onnxruntime-node; any other implementation of ONNX implements {@link OnnxRuntime}.
 */

import "./no_telemetry.ts"; // Before ONNX Runtime is loaded.
import type { Tensor } from "../packages/onnxruntime_node.ts";
import { loadCudaLibraries } from "./cuda_libraries.ts";

/** The data of a tensor. */
export type RuntimeData =
  | Float32Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>;

/** A tensor of the runtime. */
export interface RuntimeTensor {
  readonly type: string;
  readonly dims: readonly number[];
  /** Location of the data; only `cpu` is this thread's memory. */
  readonly location: string;
  /** The data; reading data in a device's memory crashes the process. */
  readonly data: unknown;
  /** Frees the tensor's device memory. */
  dispose(): void;
}

/** Options of a session. */
export interface RuntimeOptions {
  /** Providers by preference; each computes the nodes for which those before it have no kernel. */
  readonly executionProviders: readonly (string | { readonly name: string })[];
  /** Outputs that stay in device memory, by name. */
  readonly preferredOutputLocation?: Readonly<Record<string, "gpu-buffer">>;
  /** Number of threads of a run. */
  readonly intraOpNumThreads: number;
  /** Whether equal nodes are merged into one. */
  readonly mergeEqual: boolean;
}

/** A model ready to run. */
export interface RuntimeSession {
  readonly outputNames: readonly string[];
  /** @param outputs For each output to compute, by name, a tensor to fill or null. */
  run(
    inputs: Readonly<Record<string, RuntimeTensor>>,
    outputs: Readonly<Record<string, RuntimeTensor | null>>,
  ): Promise<Readonly<Record<string, RuntimeTensor>>>;
  release(): Promise<void>;
}

/** An implementation of ONNX. */
export interface OnnxRuntime {
  /**
   * Whether a run fills the tensors that are given as outputs. If it does not, its results have to
   * be copied into them.
   */
  readonly fillsOutputs: boolean;
  /** Whether it runs in WebAssembly, where this library's own kernels are faster. */
  readonly isWebAssembly: boolean;
  /** Loads a model. @throws {Error} If the runtime cannot load it, with the runtime's message. */
  createSession(model: Uint8Array, options: RuntimeOptions): Promise<RuntimeSession>;
  /** Wraps data for a run; called only after a session has been created. */
  createTensor(type: string, data: RuntimeData, dims: readonly number[]): RuntimeTensor;
}

/** ONNX Runtime's setting that disables the merging of equal nodes. */
export const withoutMerging = { disable_specified_optimizers: "CommonSubexpressionElimination" };

/** Loaded with the first session, since it takes a third of the time in which the library loads. */
let loaded: typeof import("../packages/onnxruntime_node.ts") | undefined;

/** ONNX Runtime on this platform. */
export const onnxRuntime: OnnxRuntime = {
  fillsOutputs: true,
  isWebAssembly: false,

  async createSession(model, { executionProviders, mergeEqual, ...options }) {
    loaded ??= await import("../packages/onnxruntime_node.ts");
    if (executionProviders.includes("cuda")) loadCudaLibraries();
    const session = await loaded.InferenceSession.create(model, {
      ...options,
      executionProviders,
      // Memory patterns need 50 % more memory and save no time.
      enableMemPattern: false,
      logSeverityLevel: 3,
      ...!mergeEqual && { extra: { optimization: withoutMerging } },
    });
    return {
      outputNames: session.outputNames,
      run: (inputs, outputs) =>
        session.run(inputs as Record<string, Tensor>, outputs as Record<string, Tensor | null>),
      release: () => session.release(),
    };
  },

  createTensor: (type, data, dims) =>
    new loaded!.Tensor(type as "float32", data as Float32Array, dims),
};
