/** Wraps ONNX Runtime's sessions. A run blocks its thread, so sessions are used in workers. */

import type { DataType } from "../array/data_type.ts";
import type { Shape } from "../array/nd_array.ts";
import { explainFailure } from "../memory/allocation_failure.ts";
import {
  type OnnxRuntime,
  onnxRuntime,
  type RuntimeData,
  type RuntimeSession,
  type RuntimeTensor,
} from "../platform/onnx_runtime.ts";
import { type Device, providerOptions } from "./device.ts";
import { processorCount } from "../platform/processors.ts";

/** A tensor in this process's memory. */
export interface HostTensor<T extends RuntimeData = RuntimeData> {
  readonly type: DataType;
  readonly shape: Shape;
  readonly data: T;
}

/**
 * Frees a tensor's memory immediately, leaving it empty. The garbage collector lets several large
 * tensors accumulate.
 */
export function freeTensor({ data }: HostTensor): void {
  data.buffer.transfer(0);
}

/**
 * A tensor in the memory of the device that computed it. It takes memory until disposed, and must not
 * outlive the session that computed it: using it then crashes the process.
 */
export class DeviceTensor {
  readonly #tensor: RuntimeTensor;

  constructor(tensor: RuntimeTensor) {
    this.#tensor = tensor;
  }

  get type(): DataType {
    return this.#tensor.type as DataType;
  }

  get shape(): Shape {
    return this.#tensor.dims;
  }

  /** ONNX Runtime's tensor. Reading its data crashes the process; use `download()`. */
  get ofRuntime(): RuntimeTensor {
    return this.#tensor;
  }

  /** Frees the memory; no run may read the tensor afterwards. */
  dispose(): void {
    this.#tensor.dispose();
  }
}

/** How a session computes. */
export interface SessionOptions {
  /** Threads of one run; all cores by default. */
  readonly threads?: number;
  /** The CPU by default. */
  readonly device?: Device;
  /** Outputs to leave on the device, if it can keep them. */
  readonly resident?: readonly string[];
  /**
   * Whether nodes that compute the same value are merged, so that the value stays in memory until
   * its last use; true by default.
   */
  readonly mergeEqual?: boolean;
}

/** A model ready to run in this thread. */
export class Session {
  readonly #session: RuntimeSession;
  readonly #device: Device;
  readonly #runtime: OnnxRuntime;

  private constructor(session: RuntimeSession, device: Device, runtime: OnnxRuntime) {
    this.#session = session;
    this.#device = device;
    this.#runtime = runtime;
  }

  /**
   * Loads a model.
   *
   * @param model An encoded ONNX model.
   * @param options How to run it.
   * @param runtime The runtime; this platform's ONNX Runtime by default.
   * @throws {DeviceMemoryError} If the device has too little memory.
   * @throws {Error} With ONNX Runtime's message if the model is invalid.
   */
  static async create(
    model: Uint8Array,
    options: SessionOptions = {},
    runtime: OnnxRuntime = onnxRuntime,
  ): Promise<Session> {
    const { threads = processorCount(), device = "cpu", resident, mergeEqual = true } = options;
    try {
      const session = await runtime.createSession(model, {
        ...providerOptions(device, resident),
        intraOpNumThreads: threads,
        mergeEqual,
      });
      return new Session(session, device, runtime);
    } catch (error) {
      throw explainFailure(device, error);
    }
  }

  /** Names of the model's outputs. */
  get outputNames(): readonly string[] {
    return this.#session.outputNames;
  }

  /**
   * Runs the model.
   *
   * @param feeds One tensor per input.
   * @param into Tensors to write outputs into; other outputs are allocated. This saves no memory:
   * onnxruntime-node also returns a copy of every such output, which is freed, and other runtimes
   * return a new tensor, which is copied.
   * @returns One tensor per output.
   * @throws {DeviceMemoryError} If the device has too little memory.
   * @throws {TypeError} If an output stays on the device; see {@link runResident}.
   */
  async run(
    feeds: Readonly<Record<string, HostTensor | DeviceTensor>>,
    into: Readonly<Record<string, HostTensor>> = {},
  ): Promise<Record<string, HostTensor>> {
    const results = await this.runResident(feeds, into);
    for (const [name, tensor] of Object.entries(results)) {
      if (tensor instanceof DeviceTensor) {
        throw new TypeError(`Cannot read output "${name}": it stays on ${this.#device}`);
      }
    }
    return results as Record<string, HostTensor>;
  }

  /**
   * Runs the model like {@link run}, but returns outputs named `resident` on creation as tensors on
   * the device.
   *
   * @param feeds One tensor per input.
   * @param into Tensors to write outputs into, as for {@link run}.
   * @param wanted Outputs to return; all by default.
   * @throws {DeviceMemoryError} If the device has too little memory.
   * @throws {TypeError} If an output in `into` stays on the device.
   */
  async runResident(
    feeds: Readonly<Record<string, HostTensor | DeviceTensor>>,
    into: Readonly<Record<string, HostTensor>> = {},
    wanted: readonly string[] = this.outputNames,
  ): Promise<Record<string, HostTensor | DeviceTensor>> {
    const fetches = Object.fromEntries(
      wanted.map((name) => [name, into[name] ? this.#toRuntime(into[name]) : null]),
    );
    const inputs = Object.fromEntries(
      Object.entries(feeds).map(([name, tensor]) => [name, this.#toRuntime(tensor)]),
    );
    try {
      const results = await this.#session.run(inputs, fetches);
      return Object.fromEntries(
        Object.entries(results).map(([name, tensor]) => {
          const given = into[name];
          const result = fromRuntime(tensor);
          if (!given) return [name, result];
          if (result instanceof DeviceTensor) {
            throw new TypeError(`Cannot write output "${name}": it stays on ${this.#device}`);
          }
          if (result.data.buffer !== given.data.buffer) {
            if (!this.#runtime.fillsOutputs) copyInto(given, result, name);
            freeTensor(result);
          }
          return [name, given];
        }),
      );
    } catch (error) {
      throw explainFailure(this.#device, error);
    }
  }

  release(): Promise<void> {
    return this.#session.release();
  }

  #toRuntime(tensor: HostTensor | DeviceTensor): RuntimeTensor {
    if (tensor instanceof DeviceTensor) return tensor.ofRuntime;
    return this.#runtime.createTensor(tensor.type, tensor.data, tensor.shape);
  }
}

/** Copies an output into a given tensor. @throws {TypeError} If its type or size differs. */
function copyInto(given: HostTensor, result: HostTensor, name: string): void {
  const { data } = given;
  if (given.type !== result.type || data.length !== result.data.length) {
    throw new TypeError(
      `Cannot write output "${name}" of type ${result.type} and shape [${result.shape}] into ` +
        `${given.type} of shape [${given.shape}]`,
    );
  }
  (data as Float32Array).set(result.data as Float32Array);
}

function fromRuntime(tensor: RuntimeTensor): HostTensor | DeviceTensor {
  if (tensor.location === "gpu-buffer") return new DeviceTensor(tensor);
  return { type: tensor.type as DataType, shape: tensor.dims, data: tensor.data as RuntimeData };
}
