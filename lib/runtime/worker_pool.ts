/** Many jobs over several workers. */

import { type Api, Remote } from "./remote.ts";
import { raise, reachesWorkers, type StopFlag } from "./stop_flag.ts";
import { processorCount } from "../platform/processors.ts";

/** How many workers run at once, and what stops them. */
export interface WorkerPoolOptions {
  /** By default one a processor. */
  readonly workers?: number;
  readonly signal?: AbortSignal;
  /**
   * Raised to end jobs under way, which then are waited for. Without a flag, or memory to share it
   * in, workers end at once.
   */
  readonly stopFlag?: StopFlag;
}

/**
 * Runs every job in one of several workers; each worker takes the next job as it gets free.
 *
 * The first failure or an abort ends all workers.
 *
 * @param module Address of a module that calls `serve()`.
 * @param run Has a worker do one job.
 * @throws What `run` throws, or the signal's reason.
 */
export async function runInWorkers<A extends Api, Job>(
  module: string,
  jobs: readonly Job[],
  run: (worker: Remote<A>, job: Job) => Promise<void>,
  { workers: limit = processorCount(), signal, stopFlag }: WorkerPoolOptions = {},
): Promise<void> {
  signal?.throwIfAborted();
  const queue = [...jobs];
  const workers: Remote<A>[] = [];
  let failure: { readonly reason: unknown } | undefined;
  const stop = (reason: unknown) => {
    failure ??= { reason };
    if (stopFlag) raise(stopFlag);
    if (!stopFlag || !reachesWorkers(stopFlag)) { for (const worker of workers) worker.close(); }
  };
  const abort = () => stop(signal?.reason);
  signal?.addEventListener("abort", abort);

  const work = async () => {
    const worker = await Remote.connect<A>(module);
    workers.push(worker);
    while (!failure && queue.length > 0) await run(worker, queue.shift()!);
  };
  try {
    const count = Math.min(Math.max(1, limit), jobs.length);
    // None rejects, so that workers that are still starting are waited for, and then ended.
    await Promise.all(Array.from({ length: count }, () => work().catch(stop)));
  } finally {
    signal?.removeEventListener("abort", abort);
    for (const worker of workers) worker.close();
  }
  if (failure) throw failure.reason;
}
