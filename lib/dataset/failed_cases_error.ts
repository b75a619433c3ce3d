/** Defines the error for work over many cases of which some failed. */

import { reasonOf } from "../options/reason_of.ts";
import { CaseError, withNote } from "./case_error.ts";

/** How work over many cases ended. */
export interface CaseOutcomes {
  /** The cases that failed, in order; at least one. */
  readonly failures: readonly CaseError[];
  /** Names of the cases that are done. */
  readonly finished: readonly string[];
  /** Names of the cases that were not tried, because every further one would have failed as well. */
  readonly remaining?: readonly string[];
}

/**
 * Some of many cases failed. The others are done, unless the error says that they were not tried, or
 * that there is no result without all cases, as of an evaluation.
 *
 * @example Listing the cases that were not predicted
 * ```ts ignore
 * import { FailedCasesError } from "nnunet";
 *
 * await predictor.predictFolder({ input, output }).catch((error) => {
 *   if (!(error instanceof FailedCasesError)) throw error;
 *   for (const { caseName, cause } of error.failures) console.log(caseName, cause.message);
 * });
 * ```
 */
export class FailedCasesError extends Error implements CaseOutcomes {
  /** The class's name. */
  override readonly name = "FailedCasesError";
  /** The cases that failed, in order. */
  readonly failures: readonly CaseError[];
  /** Names of the cases that are done. */
  readonly finished: readonly string[];
  /** Names of the cases that were not tried. */
  readonly remaining: readonly string[];

  /**
   * Lists the failed cases in the message.
   *
   * @param action What failed, such as `predict` or `preprocess`.
   * @param outcomes How the cases ended.
   */
  constructor(action: string, { failures, finished, remaining = [] }: CaseOutcomes) {
    super(describe(action, { failures, finished, remaining }), {
      cause: failures.length === 1 ? failures[0] : undefined,
    });
    this.failures = failures;
    this.finished = finished;
    this.remaining = remaining;
  }
}

/** Says of actions whose result is one of all cases that there is none. */
const noResult: Readonly<Record<string, string>> = {
  evaluate: "no scores were written",
  "extract a fingerprint of": "no fingerprint was written",
};

function describe(
  action: string,
  { failures, finished, remaining }: Required<CaseOutcomes>,
): string {
  const total = failures.length + finished.length + remaining.length;
  const others = remaining.length > 0
    ? `${remaining.length} more were not tried: ${remaining.join(", ")}`
    : total === failures.length
    ? ""
    : action in noResult
    ? noResult[action]
    : total - failures.length === 1
    ? "the other case is done"
    : `the other ${total - failures.length} cases are done`;
  if (failures.length === 1) return failures[0].message + (others && `; ${others}`);
  const lines = failures.map(({ caseName, cause, note }) =>
    `\n  ${caseName}: ${withNote(cause.message, note)}`
  );
  return `Cannot ${action} ${failures.length} of ${total} cases${others && `; ${others}`}:` +
    lines.join("");
}

/** Names the case in an error. */
export function caseError(name: string, action: string, thrown: unknown): CaseError {
  const cause = thrown instanceof Error ? thrown : new Error(reasonOf(thrown));
  return new CaseError(name, `${action} case "${name}"`, cause);
}

/** @throws {FailedCasesError} If there are failures. */
export function throwIfFailed(
  action: string,
  failures: readonly CaseError[],
  { finished, cases }: {
    readonly finished: readonly string[];
    readonly cases: readonly { readonly name: string }[];
  },
): void {
  if (failures.length === 0) return;
  const tried = new Set([...finished, ...failures.map(({ caseName }) => caseName)]);
  throw new FailedCasesError(action, {
    failures: [...failures].sort((a, b) => a.caseName < b.caseName ? -1 : 1),
    finished,
    remaining: cases.map(({ name }) => name).filter((name) => !tried.has(name)),
  });
}
