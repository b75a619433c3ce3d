/** Merges cases that several models predicted. */

import { sameShape } from "../array/nd_array.ts";
import type { Heads } from "../model/heads.ts";
import { runInWorkers } from "../runtime/worker_pool.ts";
import type { EnsembleApi, EnsembleJob } from "./ensemble_worker.ts";
import { memberShape, propertiesOf } from "./member_file.ts";
import type { Voting } from "./voting.ts";
import { exists } from "../platform/files.ts";
import { workerAddress } from "../platform/workers.ts";

/** A case, and the files to make of it. */
export interface EnsembleCase extends Pick<EnsembleJob, "members" | "output" | "probabilities"> {
  readonly name: string;
}

/** What to merge, and how. */
export interface EnsembleCasesOptions {
  readonly cases: readonly EnsembleCase[];
  /** What the heads of all members stand for. */
  readonly heads: Heads;
  /** `soft` by default. */
  readonly voting?: Voting;
  /** Cases merged at once; by default one a processor. */
  readonly workers?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Merges every case into a label map, and into probabilities where they are wanted.
 *
 * Members are read side by side, a class after the other, so that memory grows with the size of a
 * scan, not with the number of classes or members.
 *
 * @throws {RangeError} If the members of a case differ in shape or do not have the classes that they
 * should: before anything is written.
 * @throws {Error} If a file cannot be read or written; finished cases stay.
 * @throws The signal's reason, if it is aborted.
 */
export async function ensembleCases(options: EnsembleCasesOptions): Promise<void> {
  const { cases, heads, voting = "soft", workers, signal, onProgress } = options;
  for (const each of cases) {
    signal?.throwIfAborted();
    await requireEqualMembers(each, heads.count);
  }
  let done = 0;
  await runInWorkers<EnsembleApi, EnsembleCase>(
    workerAddress("./ensemble_worker.ts", import.meta),
    cases,
    async (worker, { name, members, output, probabilities }) => {
      try {
        await worker.call("merge", [{ members, heads, voting, output, probabilities }]);
      } catch (cause) {
        throw new Error(`Cannot ensemble case "${name}": ${(cause as Error).message}`, { cause });
      }
      onProgress?.(++done, cases.length);
    },
    { workers, signal },
  );
}

/** Reads no more than headers. */
async function requireEqualMembers({ name, members }: EnsembleCase, heads: number) {
  const properties = propertiesOf(members[0]);
  if (!await exists(properties)) {
    throw new RangeError(`Cannot ensemble case "${name}": ${properties} is missing`);
  }
  let first: readonly number[] | undefined;
  for (const path of members) {
    const shape = await memberShape(path);
    if (shape[0] !== heads) {
      throw new RangeError(
        `Cannot ensemble case "${name}": ${path} has ${shape[0]} classes, expected ${heads}`,
      );
    }
    first ??= shape;
    if (!sameShape(shape, first)) {
      throw new RangeError(
        `Cannot ensemble case "${name}": ${path} has shape [${shape}], expected [${first}] as ` +
          `${members[0]}`,
      );
    }
  }
}
