/** Cases that a training needs are missing, with what to do about it in the reader's own terms. */

import type { PlansData } from "../files/plans.ts";

/** The names that say which plans are meant. */
export type PlansNames = Pick<PlansData, "datasetName" | "plansName">;

/** How a text refers to what its reader can do: as calls, or as commands. */
export interface Wording {
  /** Preprocesses a configuration. */
  preprocess(plans: PlansNames, configuration: string): string;
  /** Validates a trained fold of a configuration. */
  validate(plans: PlansNames, configuration: string): string;
}

/** The terms of who uses the library. */
const calls: Wording = {
  preprocess: (_, configuration) =>
    `plans.preprocess(dataset, { configurations: ["${configuration}"] })`,
  validate: (_, configuration) => `new Trainer(plans, "${configuration}", { fold }).validate()`,
};

/**
 * Cases are not preprocessed, or a cascade's previous stage has not segmented them.
 *
 * The message names the calls to make; {@link describe} says the same in other terms, such as those
 * of the command line.
 */
export class MissingCasesError extends Error {
  override readonly name = "MissingCasesError";
  /** The configuration that lacks the cases. */
  readonly configuration: string;
  /** Names of the cases; empty where a configuration has none at all. */
  readonly missing: readonly string[];
  /** The message in the given terms. */
  readonly describe: (wording: Wording) => string;

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
