/**
 * Defines errors whose message ends with what to do next. It is worded for library users; the
 * command line words it itself.
 */

/** What resolves an error. */
export type Remedy =
  | "overwrite"
  | "predictAnew"
  | "predictPreviousStage"
  | "plan"
  | "trainAnew"
  | "finishTraining"
  | "finishValidation"
  | "validateWithProbabilities"
  | "predictWithProbabilities"
  | "convertDecathlon"
  | "convertVersion1"
  | "findBest"
  | "launch"
  | "awaitLaunch";

/** What library users do for each remedy. */
const calls: Readonly<Record<Remedy, string>> = {
  overwrite: "pass `overwrite: true` to replace it",
  predictPreviousStage:
    "predict the first stage by itself with the folds that it has, and pass its output as " +
    "`previousStageFolder`, or of one scan as `previousStage`",
  predictAnew: "pass `overwrite: true` to predict all cases anew, or another `output`",
  plan: "plan the data set first, with `new Planner().plan(dataset)`",
  trainAnew: "leave out `resume: true` to train anew, which keeps the folder under another name",
  finishTraining: "finish it with `fit({ resume: true })`, or validate another checkpoint",
  finishValidation: "finish it with `fit({ resume: true })` or `validate()`",
  validateWithProbabilities: "validate with `saveProbabilities: true`",
  predictWithProbabilities: "predict with `saveProbabilities: true`",
  convertDecathlon:
    "use `convertDecathlon()`, since this looks like a Medical Segmentation Decathlon task",
  findBest: "compare them with `Ensembler.fit()`",
  launch: "launch it with `submit()`, or pass the `folder` that was launched in",
  awaitLaunch: "wait for them, or `cancel()` them first; `status()` reports their status",
  convertVersion1: "use `convertVersion1()`, since this looks like an nnU-Net v1 task",
};

/**
 * An error with a known remedy.
 *
 * The message is worded for library users. The command line words it itself, from {@link problem} and
 * {@link remedy}.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { ErrorWithRemedy } from "nnunet";
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
  /** What resolves it; undefined if there is no simple remedy. */
  readonly remedy?: Remedy;

  /**
   * Creates an error.
   *
   * @param problem What failed, and why, without a final period.
   * @param remedy What resolves it; omitted if there is no simple remedy.
   * @param options The underlying error, if one was caught.
   */
  constructor(problem: string, remedy?: Remedy, options?: { readonly cause?: unknown }) {
    super(remedy ? `${problem}; ${calls[remedy]}` : problem, options);
    this.problem = problem;
    this.remedy = remedy;
  }
}
