/** A stream of batches, made in workers ahead of their use. */

import { toPortable, type TransformChoice } from "../augmentation/custom_transform.ts";
import { Remote } from "../runtime/remote.ts";
import type { Batch, BatchBuffers } from "./batch.ts";
import type { BatchWorkerApi, BatchWorkerOptions } from "./batch_worker.ts";
import { workerAddress } from "../platform/workers.ts";

/** What to load, and by how many hands. */
export interface BatchLoaderOptions extends Omit<BatchWorkerOptions, "cacheBytes" | "transforms"> {
  /** Transforms of the user's own, for training. */
  readonly transforms?: TransformChoice;
  /** Number of the first batch, by default 0: where a run is taken up again. */
  readonly startAt?: number;
  /** Workers, by default 1. */
  readonly workers?: number;
  /** Batches made or being made ahead of their use, by default one more than workers. */
  readonly prefetch?: number;
  /** Memory each worker may use for keeping cases, in bytes; by default 1 GiB. */
  readonly cacheBytes?: number;
}

/** A worker, and how many batches it still owes. */
interface Hand {
  readonly remote: Remote<BatchWorkerApi>;
  owed: number;
}

/**
 * Makes batches in workers and hands them out in order.
 *
 * Batch k depends on the seed and k only, whatever the number of workers.
 *
 * @example
 * ```ts
 * const loader = await BatchLoader.open({
 *   folder, caseNames, patchSize: [40, 56, 40], batchSize: 9, seed: 1,
 *   pipeline: { purpose: "training" },
 * });
 * const batch = await loader.next();
 * // … use it, then give its memory back:
 * loader.recycle(batch);
 * loader.close();
 * ```
 */
export class BatchLoader {
  readonly #hands: readonly Hand[];
  readonly #prefetch: number;
  readonly #queue: Promise<Batch>[] = [];
  readonly #spares: BatchBuffers[] = [];
  #nextIndex: number;
  #closed: Error | undefined;

  private constructor(hands: readonly Hand[], prefetch: number, startAt: number) {
    this.#hands = hands;
    this.#prefetch = prefetch;
    this.#nextIndex = startAt;
    this.#fill();
  }

  /**
   * Starts the workers; they begin to make batches at once.
   *
   * @throws {RangeError} If there are no cases, or a number is not a whole one of at least 1.
   * @throws {Error} If a worker cannot be started, or a transform not be used there.
   */
  static async open(options: BatchLoaderOptions): Promise<BatchLoader> {
    const { startAt = 0, workers = 1, prefetch = workers + 1, transforms, ...setup } = options;
    const { cacheBytes = 2 ** 30 } = setup;
    if (setup.caseNames.length === 0) {
      throw new RangeError(`Cannot load batches from ${setup.folder}: the list of cases is empty`);
    }
    for (const [name, value] of Object.entries({ batchSize: setup.batchSize, workers, prefetch })) {
      if (!Number.isInteger(value) || value < 1) {
        throw new RangeError(
          `Cannot load batches: ${name} is ${value}, expected an integer of at least 1`,
        );
      }
    }
    const portable = transforms && toPortable(transforms);
    const workerOptions: BatchWorkerOptions = { ...setup, cacheBytes, transforms: portable };
    const module = workerAddress("./batch_worker.ts", import.meta);
    const started = await Promise.allSettled(
      Array.from({ length: workers }, () => Remote.connect<BatchWorkerApi>(module)),
    );
    const remotes = started.flatMap((result) =>
      result.status === "fulfilled" ? [result.value] : []
    );
    try {
      const failed = started.find((result) => result.status === "rejected");
      if (failed) throw failed.reason;
      await Promise.all(remotes.map((remote) => remote.call("open", [workerOptions])));
    } catch (error) {
      for (const remote of remotes) remote.close();
      throw error;
    }
    return new BatchLoader(remotes.map((remote) => ({ remote, owed: 0 })), prefetch, startAt);
  }

  /**
   * The next batch.
   *
   * @throws {Error} If one of its cases cannot be read or used, naming them; the batch is skipped.
   */
  next(): Promise<Batch> {
    if (this.#closed) return Promise.reject(this.#closed);
    if (this.#queue.length === 0) this.#request();
    const batch = this.#queue.shift()!;
    this.#fill();
    return batch;
  }

  /** Gives a batch's memory back for another; its arrays must not be used any more. */
  recycle({ data, target }: Batch): void {
    if (!this.#closed) this.#spares.push({ data, target });
  }

  /** Ends the workers at once. Batches still waited for are rejected. */
  close(): void {
    if (this.#closed) return;
    this.#closed = new Error("The batch loader was closed");
    for (const { remote } of this.#hands) remote.close(this.#closed);
  }

  #fill() {
    while (this.#queue.length < this.#prefetch) this.#request();
  }

  /** Asks the worker that owes least for one more batch. */
  #request() {
    const hand = this.#hands.reduce((a, b) => b.owed < a.owed ? b : a);
    const spare = this.#spares.pop();
    const transfer = spare ? [spare.data.buffer, spare.target.buffer] : [];
    const batch = hand.remote.call("make", [this.#nextIndex++, spare], transfer);
    hand.owed++;
    // Also keeps a failure from ending the program before `next` hands it out.
    batch.catch(() => {}).finally(() => hand.owed--);
    this.#queue.push(batch);
  }
}
