/** Defines errors whose message ends with what to do next, worded for the library or elsewhere. */

/** What resolves an error. */
export type Remedy =
  | "overwrite"
  | "plan"
  | "validateWithProbabilities"
  | "predictWithProbabilities"
  | "convertDecathlon"
  | "convertVersion1";

/** What users of the library do for each remedy. */
const calls: Readonly<Record<Remedy, string>> = {
  overwrite: "pass `overwrite: true` to replace it",
  plan: "plan the data set first, with `new Planner().plan(dataset)`",
  validateWithProbabilities: "validate with `saveProbabilities: true`",
  predictWithProbabilities: "predict with `saveProbabilities: true`",
  convertDecathlon: "use `convertDecathlon()`, since this looks like a task of the Decathlon",
  convertVersion1: "use `convertVersion1()`, since this looks like a task of nnU-Net v1",
};

/**
 * An error with a known remedy.
 *
 * The message names the remedy as users of the library apply it. The command line says the same with
 * its own options: it takes {@link problem} and words {@link remedy} itself.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const error = new ErrorWithRemedy("Cannot create /data/a: it exists", "overwrite");
 * assert.equal(
 *   error.message,
 *   "Cannot create /data/a: it exists; pass `overwrite: true` to replace it",
 * );
 * assert.equal(error.problem, "Cannot create /data/a: it exists");
 * ```
 */
export class ErrorWithRemedy extends Error {
  /** The class's name. */
  override readonly name: string = "ErrorWithRemedy";
  /** What failed, and why: the message without the remedy. */
  readonly problem: string;
  /** What resolves it; undefined if nothing simple does. */
  readonly remedy?: Remedy;

  /**
   * Creates an error.
   *
   * @param problem What failed, and why, without a final period.
   * @param remedy What resolves it.
   * @param options The underlying error, if one was caught.
   */
  constructor(problem: string, remedy?: Remedy, options?: { readonly cause?: unknown }) {
    super(remedy ? `${problem}; ${calls[remedy]}` : problem, options);
    this.problem = problem;
    this.remedy = remedy;
  }
}
