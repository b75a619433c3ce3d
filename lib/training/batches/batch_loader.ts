/** Streams batches that workers make ahead of their use. */

import { toPortable } from "../../augmentation/custom_transform.ts";
import { Remote } from "../../runtime/remote.ts";
import type { Batch, BatchBuffers } from "./batch.ts";
import type { BatchStream } from "./batch_stream.ts";
import type { BatchWorkerApi, BatchWorkerOptions } from "./batch_worker.ts";
import { workerAddress } from "../../platform/workers.ts";
import type { DataOptions } from "../training_options.ts";

/** Options of {@link BatchLoader.open}. */
export interface BatchLoaderOptions
  extends Omit<BatchWorkerOptions, "cacheBytes" | "transforms">, Pick<DataOptions, "transforms"> {
  /** Index of the first batch; 0 by default. A resumed run sets it. */
  readonly startAt?: number;
  /** Number of workers, 1 by default. */
  readonly workers?: number;
  /** Number of batches made ahead of their use; `workers + 1` by default. */
  readonly prefetch?: number;
  /** Bytes that each worker may use to cache cases; 1 GiB by default. */
  readonly cacheBytes?: number;
}

/** A worker and its number of pending batches. */
interface LoaderWorker {
  readonly remote: Remote<BatchWorkerApi>;
  pending: number;
}

/**
 * Makes batches in workers and hands them out in order.
 *
 * Batch k depends only on the seed and k, not on the number of workers.
 *
 * @example
 * ```ts ignore
 * const loader = await BatchLoader.open({
 *   folder,
 *   caseNames,
 *   patchSize: [40, 56, 40],
 *   batchSize: 9,
 *   seed: 1,
 *   pipeline: { purpose: "training" },
 * });
 * const batch = await loader.next();
 * // … use it, then return its memory:
 * loader.recycle(batch);
 * loader.close();
 * ```
 */
export class BatchLoader implements BatchStream {
  readonly #workers: readonly LoaderWorker[];
  readonly #prefetch: number;
  readonly #queue: Promise<Batch>[] = [];
  readonly #spares: BatchBuffers[] = [];
  #nextIndex: number;
  #closed: Error | undefined;

  private constructor(workers: readonly LoaderWorker[], prefetch: number, startAt: number) {
    this.#workers = workers;
    this.#prefetch = prefetch;
    this.#nextIndex = startAt;
    this.#fill();
  }

  /**
   * Starts the workers, which begin to make batches immediately.
   *
   * @throws {RangeError} If there are no cases, or a number is not an integer of at least 1.
   * @throws {Error} If a worker cannot be started or cannot use a transform.
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
    return new BatchLoader(remotes.map((remote) => ({ remote, pending: 0 })), prefetch, startAt);
  }

  /**
   * Returns the next batch.
   *
   * @throws {Error} If one of its cases cannot be read or used; the message names the batch's
   * cases. The next call continues with the batch after it.
   */
  next(): Promise<Batch> {
    if (this.#closed) return Promise.reject(this.#closed);
    if (this.#queue.length === 0) this.#request();
    const batch = this.#queue.shift()!;
    this.#fill();
    return batch;
  }

  /** Returns a batch's memory for reuse; its arrays must not be used afterwards. */
  recycle({ data, target }: Batch): void {
    if (!this.#closed) this.#spares.push({ data, target });
  }

  /** Ends the workers immediately and rejects pending batches. */
  close(): void {
    if (this.#closed) return;
    this.#closed = new Error("The batch loader was closed");
    for (const { remote } of this.#workers) remote.close(this.#closed);
  }

  #fill() {
    while (this.#queue.length < this.#prefetch) this.#request();
  }

  /** Asks the worker with the fewest pending batches for one more. */
  #request() {
    const worker = this.#workers.reduce((a, b) => b.pending < a.pending ? b : a);
    const spare = this.#spares.pop();
    const transfer = spare ? [spare.data.buffer, spare.target.buffer] : [];
    const batch = worker.remote.call("make", [this.#nextIndex++, spare], transfer);
    worker.pending++;
    // Without the catch, a failure before `next()` returns the batch would end the program.
    batch.catch(() => {}).finally(() => worker.pending--);
    this.#queue.push(batch);
  }
}
