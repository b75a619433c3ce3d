/** Workers that wait for more work without keeping the process alive. */

import { parentPort, Worker } from "node:worker_threads";

/** A worker as its starter sees it. */
export interface BackgroundWorker {
  /** Sends a message, and keeps the process alive until {@link rest}. */
  send(message: unknown): void;
  /** Lets the process end, although the worker waits for messages. */
  rest(): void;
}

/**
 * Starts a worker that answers by {@link answerMessages}.
 *
 * @param address Of its module, from `workerAddress()`.
 * @param onMessage Receives its answers.
 * @param onError Receives the error that ended it.
 */
export function startBackgroundWorker(
  address: string,
  onMessage: (message: unknown) => void,
  onError: (error: Error) => void,
): BackgroundWorker {
  const worker = new Worker(new URL(address));
  worker.on("message", onMessage);
  worker.on("error", onError);
  return {
    send(message) {
      worker.ref();
      worker.postMessage(message);
    },
    rest: () => worker.unref(),
  };
}

/** An answer to a message, and the buffers that move with it. */
export interface Answer<T> {
  readonly message: T;
  readonly transfer?: readonly ArrayBuffer[];
}

/** In a worker: answers every message. @param answer Never fails. */
export function answerMessages<Message, T>(answer: (message: Message) => Promise<Answer<T>>): void {
  parentPort?.on("message", async (received: Message) => {
    const { message, transfer = [] } = await answer(received);
    parentPort?.postMessage(message, transfer);
  });
}
