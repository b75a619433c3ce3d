/**
 * ONNX Runtime in a worker, so that the calling thread never blocks.
 *
 * Tensors can be kept there between runs: a training step reads the weights that the step before
 * wrote, and only the loss comes back.
 */

import type { EngineApi } from "./engine_worker.ts";
import { Remote } from "./remote.ts";
import type { HostTensor, SessionOptions } from "./session.ts";
import { workerAddress } from "../platform/workers.ts";

/** What goes into a run and stays after it. */
export interface RunOptions {
  /** Inputs read from tensors kept under their name. */
  readonly keptInputs?: readonly string[];
  /** Outputs that stay instead of coming back, and the name to keep each under. */
  readonly keptOutputs?: Readonly<Record<string, string>>;
}

/** Outputs of a run, and the buffers it was fed with, to be filled again. */
export interface RunResult {
  readonly outputs: Readonly<Record<string, HostTensor>>;
  readonly feeds: Readonly<Record<string, HostTensor>>;
}

/** A model loaded into an engine. */
export interface LoadedModel {
  /**
   * Runs the model. The buffers of `feeds` move to the worker; take them from the result.
   */
  run(feeds: Readonly<Record<string, HostTensor>>, options?: RunOptions): Promise<RunResult>;
  release(): Promise<void>;
}

/** A worker with ONNX Runtime in it. */
export class Engine {
  readonly #remote: Remote<EngineApi>;

  private constructor(remote: Remote<EngineApi>) {
    this.#remote = remote;
  }

  static async start(): Promise<Engine> {
    return new Engine(await Remote.connect(workerAddress("./engine_worker.ts", import.meta)));
  }

  /** Loads a model. @throws {Error} With ONNX Runtime's message if the model is not valid. */
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

  /** Keeps a tensor under a name, in place of what was kept there. Its buffer moves away. */
  keep(name: string, tensor: HostTensor): Promise<void> {
    return this.#remote.call("keep", [name, tensor], [tensor.data.buffer]);
  }

  /** A copy of a kept tensor. @throws {RangeError} If nothing is kept under the name. */
  read(name: string): Promise<HostTensor> {
    return this.#remote.call("read", [name]);
  }

  /** Ends the worker at once and frees its memory. */
  close(): void {
    this.#remote.close();
  }
}
