/**
 * ONNX Runtime, as far as the library uses it.
 *
 * Here it is onnxruntime-node; whatever else computes ONNX models implements {@link OnnxRuntime}.
 */

import { InferenceSession, Tensor } from "onnxruntime-node";
import { loadCudaLibraries } from "./cuda_libraries.ts";

/** Buffers that tensors are made of. */
export type RuntimeData =
  | Float32Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>;

/** A tensor of the runtime. */
export interface RuntimeTensor {
  readonly type: string;
  readonly dims: readonly number[];
  /** Where its data is; only `cpu` is this thread's memory. */
  readonly location: string;
  /** Its data; asking for data in a device's memory ends the process. */
  readonly data: unknown;
  /** Frees memory of a device. */
  dispose(): void;
}

/** How a session computes. */
export interface RuntimeOptions {
  /** Providers, the preferred one first; what one has no kernel for, the next computes. */
  readonly executionProviders: readonly (string | { readonly name: string })[];
  /** By output, where it stays in a device's memory. */
  readonly preferredOutputLocation?: Readonly<Record<string, "gpu-buffer">>;
  /** Threads of one run. */
  readonly intraOpNumThreads: number;
  /** Whether one of several nodes that compute the same is kept for all. */
  readonly mergeEqual: boolean;
}

/** A model ready to run. */
export interface RuntimeSession {
  readonly outputNames: readonly string[];
  /** @param outputs By name of the outputs to compute, a tensor to fill or null. */
  run(
    inputs: Readonly<Record<string, RuntimeTensor>>,
    outputs: Readonly<Record<string, RuntimeTensor | null>>,
  ): Promise<Readonly<Record<string, RuntimeTensor>>>;
  release(): Promise<void>;
}

/** Something that computes ONNX models. */
export interface OnnxRuntime {
  /**
   * Whether a run fills tensors that are given as outputs. Where it does not, what it returns has to
   * be copied into them.
   */
  readonly fillsOutputs: boolean;
  /** Loads a model. @throws {Error} With the runtime's message. */
  createSession(model: Uint8Array, options: RuntimeOptions): Promise<RuntimeSession>;
  createTensor(type: string, data: RuntimeData, dims: readonly number[]): RuntimeTensor;
}

/** ONNX Runtime's setting that keeps every one of several nodes that compute the same. */
export const withoutMerging = { disable_specified_optimizers: "CommonSubexpressionElimination" };

/** ONNX Runtime of this platform. */
export const onnxRuntime: OnnxRuntime = {
  fillsOutputs: true,

  async createSession(model, { executionProviders, mergeEqual, ...options }) {
    if (executionProviders.includes("cuda")) loadCudaLibraries();
    const session = await InferenceSession.create(model, {
      ...options,
      executionProviders,
      // Patterns of memory planned ahead cost half as much memory again and save no time.
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

  createTensor: (type, data, dims) => new Tensor(type as "float32", data as Float32Array, dims),
};
