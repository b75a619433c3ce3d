/**
 * Calls functions that run in a worker.
 *
 * A worker module calls {@link serve} with its functions; the other thread calls them by name through
 * {@link Remote}. A worker runs its calls one after another, in order. Buffers in a transfer list are
 * transferred instead of copied. The library's own errors keep their class and fields.
 */

import { yieldToEventLoop } from "./event_loop.ts";
import { packError, type ThrownError, unpackError } from "./thrown_error.ts";
import { startWorker, yieldToNotebook } from "../platform/workers.ts";

/** A served function: structured-cloneable arguments in, a cloneable result out. */
// deno-lint-ignore no-explicit-any -- parameters are contravariant, so no other type admits all functions
type Served = (...args: any[]) => unknown;

/** The functions that a worker module serves, by name. */
export type Api = Readonly<Record<string, Served>>;

/** A result whose buffers are transferred to the caller. */
export class Transferred<T> {
  constructor(readonly value: T, readonly transfer: Transferable[]) {}
}

type Result<F extends Served> = Awaited<ReturnType<F>> extends Transferred<infer T> ? T
  : Awaited<ReturnType<F>>;

interface Request {
  readonly call: number;
  readonly name: string;
  readonly args: readonly unknown[];
}

type Reply =
  | { readonly ready: true }
  | { readonly call: number; readonly value: unknown }
  | { readonly call: number; readonly thrown: ThrownError }
  | { readonly event: unknown };

/** The part of a worker's global scope that is used here. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<Request>) => void) | null;
  postMessage(message: Reply, transfer?: Transferable[]): void;
}

/** Serves functions to the thread that started this worker. */
export function serve(api: Api): void {
  yieldToNotebook();
  const scope = globalThis as unknown as WorkerScope;
  let previous: Promise<void> = Promise.resolve();
  scope.onmessage = ({ data: { call, name, args } }) => {
    previous = previous.then(async () => {
      try {
        const result = await api[name](...args);
        if (result instanceof Transferred) {
          scope.postMessage({ call, value: result.value }, result.transfer);
        } else scope.postMessage({ call, value: result });
      } catch (error) {
        scope.postMessage({ call, thrown: packError(error) });
      }
    });
  };
  // A message sent before `onmessage` was set would be lost, so the other side waits for this.
  scope.postMessage({ ready: true });
}

/** Sends an event to the thread that started this worker, independently of calls. */
export function notify(event: unknown): void {
  (globalThis as unknown as WorkerScope).postMessage({ event });
}

/** Starting a worker blocks the calling thread for tens of milliseconds, so they start in turn. */
let lastStart: Promise<void> = Promise.resolve();

/** A worker whose functions can be called. */
export class Remote<A extends Api> {
  readonly #worker: Worker;
  readonly #waiting = new Map<
    number,
    { resolve: (value: never) => void; reject: (error: Error) => void }
  >();
  #calls = 0;
  #ended: Error | undefined;

  private constructor(worker: Worker, onEvent?: (event: unknown) => void) {
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<Reply>) => {
      if ("event" in data) {
        try {
          onEvent?.(data.event);
        } catch (error) {
          // Thrown on, it would reach no caller and end the process.
          this.#end(error as Error);
        }
        return;
      }
      if (!("call" in data)) return;
      const { resolve, reject } = this.#waiting.get(data.call)!;
      this.#waiting.delete(data.call);
      if ("thrown" in data) reject(unpackError(data.thrown));
      else resolve(data.value as never);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.#end(new Error(`Worker failed: ${event.message}`));
    };
  }

  /**
   * Starts a worker and waits until it accepts calls.
   *
   * @param module Address of a module that calls {@link serve}.
   * @param onEvent Receives the events that the worker sends by {@link notify}. If it throws, the
   * worker is closed, and its calls reject with what was thrown.
   * @throws {Error} If the module cannot be loaded.
   */
  static async connect<A extends Api>(
    module: string,
    onEvent?: (event: unknown) => void,
  ): Promise<Remote<A>> {
    await (lastStart = lastStart.then(yieldToEventLoop));
    return await new Promise((resolve, reject) => {
      const worker = startWorker(module);
      worker.onmessage = () => resolve(new Remote<A>(worker, onEvent));
      worker.onerror = (event) => {
        event.preventDefault();
        worker.terminate();
        reject(new Error(`Cannot start worker ${module}: ${event.message}`));
      };
    });
  }

  /**
   * Calls a function of the worker.
   *
   * @param name The function's name.
   * @param args Its arguments.
   * @param transfer Buffers to transfer instead of copying them.
   * @throws What the function throws, or the reason for which the worker was closed.
   */
  call<N extends keyof A & string>(
    name: N,
    args: Parameters<A[N]>,
    transfer: Transferable[] = [],
  ): Promise<Result<A[N]>> {
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      const call = this.#calls++;
      this.#worker.postMessage({ call, name, args } satisfies Request, transfer);
      this.#waiting.set(call, { resolve, reject });
    });
  }

  /** Whether the worker was closed or has failed; its calls fail then. */
  get hasEnded(): boolean {
    return this.#ended !== undefined;
  }

  /** Terminates the worker immediately; pending calls fail with `reason`. */
  close(reason: Error = new Error("Worker was closed")): void {
    this.#end(reason);
  }

  #end(reason: Error): void {
    if (this.#ended) return;
    this.#ended = reason;
    this.#worker.terminate();
    for (const { reject } of this.#waiting.values()) reject(reason);
    this.#waiting.clear();
  }
}
