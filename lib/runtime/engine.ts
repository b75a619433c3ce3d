/**
 * Runs ONNX Runtime in a worker, so that the calling thread never blocks.
 *
 * The worker can keep tensors between runs: a training step reads the weights that the previous step
 * wrote, and only the loss is returned.
 */

import type { EngineApi } from "./engine_worker.ts";
import { Remote } from "./remote.ts";
import type { HostTensor, SessionOptions } from "./session.ts";
import { workerAddress } from "../platform/workers.ts";

/** Tensors that a run reads from the worker or keeps there. */
export interface RunOptions {
  /** Names of inputs that are read from kept tensors of the same name. */
  readonly keptInputs?: readonly string[];
  /** By output to keep instead of returning it, the name to keep it under. */
  readonly keptOutputs?: Readonly<Record<string, string>>;
}

/** Outputs of a run, and its input buffers, which can be reused. */
export interface RunResult {
  readonly outputs: Readonly<Record<string, HostTensor>>;
  readonly feeds: Readonly<Record<string, HostTensor>>;
}

/** A model loaded into an engine. */
export interface LoadedModel {
  /**
   * Runs the model. The buffers of `feeds` are transferred to the worker; the result returns them.
   */
  run(feeds: Readonly<Record<string, HostTensor>>, options?: RunOptions): Promise<RunResult>;
  release(): Promise<void>;
}

/** A worker that runs ONNX Runtime. */
export class Engine {
  readonly #remote: Remote<EngineApi>;

  private constructor(remote: Remote<EngineApi>) {
    this.#remote = remote;
  }

  /** Starts the worker. */
  static async start(): Promise<Engine> {
    return new Engine(await Remote.connect(workerAddress("./engine_worker.ts", import.meta)));
  }

  /** Loads a model. @throws {Error} With ONNX Runtime's message if the model is invalid. */
  async load(model: Uint8Array, options: SessionOptions = {}): Promise<LoadedModel> {
    const session = await this.#remote.call("load", [model, options]);
    return {
      run: (feeds, { keptInputs = [], keptOutputs = {} } = {}) =>
        this.#remote.call(
          "run",
          [session, feeds, keptInputs, keptOutputs],
          Object.values(feeds).map((tensor) => tensor.data.buffer),
        ),
      release: () => this.#remote.call("release", [session]),
    };
  }

  /** Keeps a tensor under a name, replacing the previous one. Its buffer is transferred. */
  keep(name: string, tensor: HostTensor): Promise<void> {
    return this.#remote.call("keep", [name, tensor], [tensor.data.buffer]);
  }

  /** Returns a copy of a kept tensor. @throws {RangeError} If none is kept under the name. */
  read(name: string): Promise<HostTensor> {
    return this.#remote.call("read", [name]);
  }

  /**
   * Sends copies of kept tensors to the thread that holds the other end of a port, which gets them by
   * `receiveTensors()`. The port is transferred.
   *
   * @throws {RangeError} If none is kept under a name.
   */
  send(names: readonly string[], port: MessagePort): Promise<void> {
    return this.#remote.call("send", [names, port], [port]);
  }

  /** Terminates the worker immediately and frees its memory. */
  close(): void {
    this.#remote.close();
  }
}
