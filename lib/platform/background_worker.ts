/** Starts workers that do not keep the process alive while they wait for work. */

import { parentPort, Worker } from "node:worker_threads";

/** A running background worker. */
export interface BackgroundWorker {
  /** Sends a message, and keeps the process alive until {@link rest}. */
  send(message: unknown): void;
  /** Lets the process end while the worker waits for messages. */
  rest(): void;
}

/**
 * Starts a worker that uses {@link answerMessages}.
 *
 * @param address Address of its module, from `workerAddress()`.
 * @param onMessage Called with each answer.
 * @param onError Called with the error that ended the worker.
 */
export function startBackgroundWorker(
  address: string,
  onMessage: (message: unknown) => void,
  onError: (error: Error) => void,
): BackgroundWorker {
  // Node's workers take no address of http. A dynamic import would lose the first messages.
  const module = address.startsWith("file:")
    ? address
    : `data:text/javascript,import ${JSON.stringify(address)};`;
  const worker = new Worker(new URL(module));
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

/** An answer to a message, and the buffers to transfer with it. */
export interface Answer<T> {
  readonly message: T;
  readonly transfer?: readonly ArrayBuffer[];
}

/** Answers every message to this worker. @param answer Must not reject. */
export function answerMessages<Message, T>(answer: (message: Message) => Promise<Answer<T>>): void {
  parentPort?.on("message", async (received: Message) => {
    const { message, transfer = [] } = await answer(received);
    parentPort?.postMessage(message, [...transfer]);
  });
}
