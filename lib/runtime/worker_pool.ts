/** Distributes jobs among workers. */

import { type Api, Remote } from "./remote.ts";
import { raise, reachesWorkers, type StopFlag } from "./stop_flag.ts";
import { processorCount } from "../platform/processors.ts";

/** How many workers to run at once, and how to stop them. */
export interface WorkerPoolOptions {
  /** Number of workers; one per processor by default. */
  readonly workers?: number;
  readonly signal?: AbortSignal;
  /**
   * Raised to stop running jobs, which are then awaited. Without a flag, or without shared memory,
   * workers are terminated immediately.
   */
  readonly stopFlag?: StopFlag;
}

/**
 * Runs every job in one of several workers; each worker takes the next job when it is idle.
 *
 * The first failure, or an abort, stops all workers.
 *
 * @param module Address of a module that calls `serve()`.
 * @param jobs The jobs, which start in order.
 * @param run Runs one job in a worker.
 * @param options How many workers to run at once, and how to stop them.
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
    // No promise rejects, so workers that are still starting are awaited and then terminated.
    await Promise.all(Array.from({ length: count }, () => work().catch(stop)));
  } finally {
    signal?.removeEventListener("abort", abort);
    for (const worker of workers) worker.close();
  }
  if (failure) throw failure.reason;
}
