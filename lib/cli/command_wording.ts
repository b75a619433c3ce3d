/** Words the library's errors and warnings for the command line. */

import {
  MissingCasesError,
  type PlansNames,
  type Wording,
} from "../training/missing_cases_error.ts";

/** Returns the data set's number, or its name if it has no number. */
function idOf({ datasetName }: PlansNames): string {
  return `${Number(/^Dataset(\d+)_/.exec(datasetName)?.[1]) || datasetName}`;
}

/** The commands that resolve missing cases. */
export const commands: Wording = {
  preprocess: (plans, configuration) =>
    `deno task nnunet preprocess -d ${idOf(plans)}` +
    `${otherPlans("-plans_name", plans)} -c ${configuration}`,
  validate: (plans, configuration) =>
    `deno task nnunet train ${idOf(plans)} ${configuration} FOLD${otherPlans("-p", plans)} --val`,
};

function otherPlans(option: string, { plansName }: PlansNames): string {
  return plansName === "nnUNetPlans" ? "" : ` ${option} ${plansName}`;
}

/**
 * Returns an error's message with commands in place of library calls.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(textOf(new RangeError("Cannot train: epochs is 0")), "Cannot train: epochs is 0");
 * ```
 */
export function textOf(error: Error): string {
  return error instanceof MissingCasesError ? error.describe(commands) : error.message;
}
