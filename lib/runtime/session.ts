/** ONNX Runtime sessions. A run blocks its thread, so these live in workers. */

import { InferenceSession, Tensor } from "onnxruntime-node";
import type { DataType } from "../array/data_type.ts";
import type { Shape } from "../array/nd_array.ts";
import { explainFailure } from "../memory/allocation_failure.ts";
import { loadCudaLibraries } from "./cuda_libraries.ts";
import { type Device, providerOptions } from "./device.ts";
import { processorCount } from "../platform/processors.ts";

/** Buffers ONNX Runtime takes and gives. */
export type TensorData =
  | Float32Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>;

/** A tensor in this process's memory. */
export interface HostTensor<T extends TensorData = TensorData> {
  readonly type: DataType;
  readonly shape: Shape;
  readonly data: T;
}

/**
 * Frees a tensor's memory at once; it is empty afterwards. The garbage collector lets several large
 * ones pile up.
 */
export function freeTensor({ data }: HostTensor): void {
  data.buffer.transfer(0);
}

/**
 * A tensor in the memory of the device that computed it. It takes memory until disposed, and may not
 * outlive the session that it came from: that ends the process.
 */
export class DeviceTensor {
  readonly #tensor: Tensor;

  constructor(tensor: Tensor) {
    this.#tensor = tensor;
  }

  get type(): DataType {
    return this.#tensor.type as DataType;
  }

  get shape(): Shape {
    return this.#tensor.dims;
  }

  /** ONNX Runtime's own; its data cannot be read here: asking for it ends the process. */
  get ort(): Tensor {
    return this.#tensor;
  }

  /** Frees the memory; no run may read it afterwards. */
  dispose(): void {
    this.#tensor.dispose();
  }
}

/** How a session computes. */
export interface SessionOptions {
  /** Threads of one run; all cores if left out. */
  readonly threads?: number;
  /** The CPU if left out. */
  readonly device?: Device;
  /** Outputs to leave on the device, if it can keep them. */
  readonly resident?: readonly string[];
  /**
   * Whether of nodes that compute the same one is enough; its result is then kept for all. True if
   * left out.
   */
  readonly mergeEqual?: boolean;
}

/** ONNX Runtime's setting for nodes to stay that compute the same. */
export const withoutMerging = { disable_specified_optimizers: "CommonSubexpressionElimination" };

/** A model ready to run in this thread. */
export class Session {
  readonly #session: InferenceSession;
  readonly #device: Device;

  private constructor(session: InferenceSession, device: Device) {
    this.#session = session;
    this.#device = device;
  }

  /**
   * Loads a model.
   *
   * @throws {DeviceMemoryError} If the device has too little memory.
   * @throws {Error} With ONNX Runtime's message if the model is not valid.
   */
  static async create(model: Uint8Array, options: SessionOptions = {}): Promise<Session> {
    const { threads = processorCount(), device = "cpu", resident, mergeEqual = true } = options;
    if (device === "cuda") loadCudaLibraries();
    try {
      const session = await InferenceSession.create(model, {
        ...providerOptions(device, resident),
        intraOpNumThreads: threads,
        // Patterns of memory planned ahead cost half as much memory again and save no time.
        enableMemPattern: false,
        logSeverityLevel: 3,
        ...!mergeEqual && { extra: { optimization: withoutMerging } },
      });
      return new Session(session, device);
    } catch (error) {
      throw explainFailure(device, error);
    }
  }

  /** Names of what a run gives. */
  get outputNames(): readonly string[] {
    return this.#session.outputNames;
  }

  /**
   * Runs the model.
   *
   * @param feeds One tensor an input.
   * @param into Tensors to write outputs into; other outputs are allocated. It saves no memory: ONNX
   * Runtime's binding makes a copy of every output, and of such a one nobody gets it.
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
   * The same; outputs named `resident` when the session was made come as they lie there.
   *
   * @param wanted Outputs to get; all if left out.
   */
  async runResident(
    feeds: Readonly<Record<string, HostTensor | DeviceTensor>>,
    into: Readonly<Record<string, HostTensor>> = {},
    wanted: readonly string[] = this.outputNames,
  ): Promise<Record<string, HostTensor | DeviceTensor>> {
    const fetches = Object.fromEntries(
      wanted.map((name) => [name, into[name] ? toOrt(into[name]) : null]),
    );
    const inputs = Object.fromEntries(
      Object.entries(feeds).map(([name, tensor]) => [name, toOrt(tensor)]),
    );
    try {
      const results = await this.#session.run(inputs, fetches);
      return Object.fromEntries(
        Object.entries(results).map(([name, tensor]) => {
          const given = into[name];
          const result = fromOrt(tensor);
          if (!given) return [name, result];
          const isCopy = !(result instanceof DeviceTensor) &&
            result.data.buffer !== given.data.buffer;
          if (isCopy) freeTensor(result);
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
}

function toOrt(tensor: HostTensor | DeviceTensor): Tensor {
  if (tensor instanceof DeviceTensor) return tensor.ort;
  const { type, data, shape } = tensor;
  return new Tensor(type as "float32", data as Float32Array, shape);
}

function fromOrt(tensor: Tensor): HostTensor | DeviceTensor {
  if (tensor.location === "gpu-buffer") return new DeviceTensor(tensor);
  return { type: tensor.type as DataType, shape: tensor.dims, data: tensor.data as TensorData };
}
