/** Reports that cases of a training are missing, and which calls or commands create them. */

import type { PlansData } from "../../files/plans.ts";

/** The names that identify plans. */
export type PlansNames = Pick<PlansData, "datasetName" | "plansName">;

/** How a message refers to the next steps: as calls of the library, or as commands. */
export interface Wording {
  /** The call or command that preprocesses a configuration. */
  preprocess(plans: PlansNames, configuration: string): string;
  /** The call or command that validates a trained fold of a configuration. */
  validate(plans: PlansNames, configuration: string): string;
}

/** The wording for users of the library. */
const calls: Wording = {
  preprocess: (_, configuration) =>
    `plans.preprocess(dataset, { configurations: ["${configuration}"] })`,
  validate: (_, configuration) => `new Trainer(plans, "${configuration}", { fold }).validate()`,
};

/**
 * Thrown if cases are not preprocessed, or a cascade's previous stage has not segmented them.
 *
 * The message names the calls to make; {@link describe} gives it in another wording, such as the
 * command line's.
 *
 * @example The same message for the command line
 * ```ts
 * import assert from "node:assert/strict";
 * import { MissingCasesError } from "nnunet";
 *
 * const error = new MissingCasesError(
 *   "2d",
 *   [],
 *   ({ preprocess }) =>
 *     preprocess({ datasetName: "Dataset007_Pancreas", plansName: "nnUNetPlans" }, "2d"),
 * );
 * assert.equal(error.message, 'plans.preprocess(dataset, { configurations: ["2d"] })');
 * const wording = {
 *   preprocess: () => "nnunet preprocess -d 7 -c 2d",
 *   validate: () => "nnunet train 7 2d 0 --val",
 * };
 * assert.equal(error.describe(wording), "nnunet preprocess -d 7 -c 2d");
 * ```
 */
export class MissingCasesError extends Error {
  /** The class's name. */
  override readonly name = "MissingCasesError";
  /** The configuration that lacks the cases. */
  readonly configuration: string;
  /** Names of the missing cases; empty if the configuration has no cases at all. */
  readonly missing: readonly string[];
  /** Returns the message in the given wording. */
  readonly describe: (wording: Wording) => string;

  /**
   * Describes the missing cases in the message, for users of the library.
   *
   * @param configuration The configuration that lacks the cases.
   * @param missing Names of the cases; empty if it has none at all.
   * @param describe Returns the message in a given wording.
   */
  constructor(
    configuration: string,
    missing: readonly string[],
    describe: (wording: Wording) => string,
  ) {
    super(describe(calls));
    this.configuration = configuration;
    this.missing = missing;
    this.describe = describe;
  }
}
