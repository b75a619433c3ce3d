/** ONNX Runtime sessions. A run blocks its thread, so these live in workers. */

import { InferenceSession, Tensor } from "onnxruntime-node";
import type { Shape } from "../array/nd_array.ts";
import type { DataType } from "../graph/graph.ts";

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

/** How a session computes. */
export interface SessionOptions {
  /** Threads of one run; all cores if left out. */
  readonly threads?: number;
}

/** A model ready to run in this thread. */
export class Session {
  readonly #session: InferenceSession;

  private constructor(session: InferenceSession) {
    this.#session = session;
  }

  /**
   * Loads a model.
   *
   * @throws {Error} With ONNX Runtime's message if the model is not valid.
   */
  static async create(model: Uint8Array, options: SessionOptions = {}): Promise<Session> {
    const threads = options.threads ?? navigator.hardwareConcurrency;
    const session = await InferenceSession.create(model, {
      executionProviders: ["cpu"],
      intraOpNumThreads: threads,
      // Patterns of memory planned ahead cost half as much memory again and save no time.
      enableMemPattern: false,
      logSeverityLevel: 3,
    });
    return new Session(session);
  }

  /** Names of what a run gives. */
  get outputNames(): readonly string[] {
    return this.#session.outputNames;
  }

  /**
   * Runs the model.
   *
   * @param feeds One tensor an input.
   * @param into Tensors to write outputs into; other outputs are allocated.
   */
  async run(
    feeds: Readonly<Record<string, HostTensor>>,
    into: Readonly<Record<string, HostTensor>> = {},
  ): Promise<Record<string, HostTensor>> {
    const fetches = Object.fromEntries(
      this.outputNames.map((name) => [name, into[name] ? toOrt(into[name]) : null]),
    );
    const inputs = Object.fromEntries(
      Object.entries(feeds).map(([name, tensor]) => [name, toOrt(tensor)]),
    );
    const results = await this.#session.run(inputs, fetches);
    return Object.fromEntries(
      Object.entries(results).map(([name, tensor]) => [name, into[name] ?? fromOrt(tensor)]),
    );
  }

  release(): Promise<void> {
    return this.#session.release();
  }
}

function toOrt({ type, data, shape }: HostTensor): Tensor {
  return new Tensor(type as "float32", data as Float32Array, shape);
}

function fromOrt(tensor: Tensor): HostTensor {
  return { type: tensor.type as DataType, shape: tensor.dims, data: tensor.data as TensorData };
}
