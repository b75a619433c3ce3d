/** Words the library's errors and warnings for the command line. */

import { ErrorWithRemedy, type Remedy } from "../options/error_with_remedy.ts";
import {
  MissingCasesError,
  type PlansNames,
  type Wording,
} from "../training/fold/missing_cases_error.ts";

/** Returns the data set's number, or its name if it has no number. */
function idOf({ datasetName }: PlansNames): string {
  return `${Number(/^Dataset(\d+)_/.exec(datasetName)?.[1]) || datasetName}`;
}

/**
 * Returns the commands that resolve missing cases.
 *
 * @param root The value of `--root`, if it is in use; the commands repeat it.
 */
export function commandsFor(root?: string): Wording {
  const places = root === undefined ? "" : ` --root ${root}`;
  return {
    preprocess: (plans, configuration) =>
      `deno task nnunet preprocess -d ${idOf(plans)}` +
      `${otherPlans("-plans_name", plans)} -c ${configuration}${places}`,
    validate: (plans, configuration) =>
      `deno task nnunet train ${idOf(plans)} ${configuration} FOLD` +
      `${otherPlans("-p", plans)} --val${places}`,
  };
}

function otherPlans(option: string, { plansName }: PlansNames): string {
  return plansName === "nnUNetPlans" ? "" : ` ${option} ${plansName}`;
}

/** How users of the command line apply a remedy. */
const options: Readonly<Record<Remedy, string>> = {
  overwrite: "add --overwrite to replace it",
  plan: "plan the data set first, with plan_and_preprocess",
  trainAnew: "run train without --c to train anew, which keeps the folder under another name",
  finishTraining:
    "finish it with train --c, or add --val_best to validate checkpoint_best.pth if there is one",
  validateWithProbabilities: "run train with --val --npz",
  predictWithProbabilities: "predict with --save_probabilities",
  convertDecathlon:
    "use convert_MSD_dataset, since this looks like a Medical Segmentation Decathlon task",
  convertVersion1: "use convert_old_nnUNet_dataset, since this looks like an nnU-Net v1 task",
};

/**
 * Returns an error's message with commands and their options in place of library calls.
 *
 * @param error The error.
 * @param root The value of `--root`, if it is in use; suggested commands repeat it.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(textOf(new RangeError("Cannot train: epochs is 0")), "Cannot train: epochs is 0");
 * ```
 */
export function textOf(error: Error, root?: string): string {
  if (error instanceof MissingCasesError) return error.describe(commandsFor(root));
  if (error instanceof ErrorWithRemedy && error.remedy) {
    return `${error.problem}; ${options[error.remedy]}`;
  }
  return error.message;
}
