/** Merges several models' predictions, case by case. */

import { sameShape } from "../array/nd_array.ts";
import { runCases } from "../dataset/run_cases.ts";
import type { Heads } from "../model/heads.ts";
import type { EnsembleApi, EnsembleJob } from "./ensemble_worker.ts";
import { memberShape, propertiesOf } from "./member_file.ts";
import type { Voting } from "./voting.ts";
import { exists } from "../platform/files.ts";
import { workerAddress } from "../platform/workers.ts";

/** A case to merge, with its input and output files. */
export interface EnsembleCase extends Pick<EnsembleJob, "members" | "output" | "probabilities"> {
  /** The case's name, for messages. */
  readonly name: string;
}

/** How to merge predictions. */
export interface MergeOptions {
  /** How members vote, `soft` by default. */
  readonly voting?: Voting;
  /** Cases merged in parallel, one per core by default. */
  readonly workers?: number;
  /** Aborts the work. */
  readonly signal?: AbortSignal;
  /** Called with the number of finished cases and of all cases. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Options of {@link ensembleCases}. */
export interface EnsembleCasesOptions extends MergeOptions {
  /** The cases to merge. */
  readonly cases: readonly EnsembleCase[];
  /** Meaning of the output channels of all members. */
  readonly heads: Heads;
  /** Called after each case's files are written. */
  readonly onCase?: (name: string) => Promise<void>;
}

/**
 * Merges each case into a label map and, if requested, into probabilities.
 *
 * Members are read in parallel, one class at a time, so that memory depends on the size of a scan
 * but not on the number of classes.
 *
 * @throws {RangeError} If the members of a case differ in shape or in the number of classes; no
 * file is written then.
 * @throws {CaseError} If a file cannot be read or written; finished cases are kept.
 * @throws The signal's reason, if it is aborted.
 */
export async function ensembleCases(options: EnsembleCasesOptions): Promise<void> {
  const { cases, heads, voting = "soft", workers, signal, onProgress, onCase } = options;
  for (const each of cases) {
    signal?.throwIfAborted();
    await requireEqualMembers(each, heads.count);
  }
  let done = 0;
  await runCases<EnsembleApi, EnsembleCase>(
    workerAddress("./ensemble_worker.ts", import.meta),
    cases,
    async (worker, { name, members, output, probabilities }) => {
      await worker.call("merge", [{ members, heads, voting, output, probabilities }]);
      await onCase?.(name);
    },
    { action: "ensemble", workers, signal, onDone: () => onProgress?.(++done, cases.length) },
  );
}

/** Checks the shapes of a case's members by reading only their headers. */
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
          `in ${members[0]}`,
      );
    }
  }
}
