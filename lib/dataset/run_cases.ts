/** Works on cases in parallel; one that fails does not keep the others from being done. */

import { isDiskFailure } from "../platform/file_error.ts";
import type { Api, Remote } from "../runtime/remote.ts";
import { runInWorkers, type WorkerPoolOptions } from "../runtime/worker_pool.ts";
import type { CaseError } from "./case_error.ts";
import { caseError, throwIfFailed } from "./failed_cases_error.ts";

/** What is done with the cases, and how many at once. */
export interface RunCasesOptions extends WorkerPoolOptions {
  /** What is done, for messages, such as `preprocess`. */
  readonly action: string;
  /** Cases that failed before. */
  readonly failures?: readonly CaseError[];
  /** Names of cases that were done before. */
  readonly kept?: readonly string[];
  /** Called after each case that is done. */
  readonly onDone?: () => void;
}

/**
 * Runs each case in one of several workers, as `runInWorkers()` does.
 *
 * Work ends early only if the disk is full or otherwise fails, or a worker ended.
 *
 * @throws {FailedCasesError} If cases fail, after the others are done.
 * @throws The signal's reason, if it is aborted.
 */
export async function runCases<A extends Api, Job extends { readonly name: string }>(
  module: string,
  jobs: readonly Job[],
  run: (worker: Remote<A>, job: Job) => Promise<void>,
  { action, failures: earlier = [], kept = [], onDone, ...pool }: RunCasesOptions,
): Promise<void> {
  const failures = [...earlier];
  const finished = [...kept];
  const work = async (worker: Remote<A>, job: Job) => {
    try {
      await run(worker, job);
    } catch (thrown) {
      if (pool.signal?.aborted) throw thrown;
      const failure = caseError(job.name, action, thrown);
      failures.push(failure);
      if (worker.hasEnded || isDiskFailure(thrown)) throw failure;
      return;
    }
    finished.push(job.name);
    onDone?.();
  };
  await runInWorkers<A, Job>(module, jobs, work, pool).catch((error) => {
    if (!failures.includes(error)) throw error;
  });
  throwIfFailed(action, failures, { finished, cases: jobs });
}
