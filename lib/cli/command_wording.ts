/** Words the library's errors and warnings for the command line. */

import { basename, dirname } from "../platform/paths.ts";
import { FailedCasesError } from "../dataset/failed_cases_error.ts";
import { type FoldWording, UntrainedFoldsError } from "../model/untrained_folds_error.ts";
import { ErrorWithRemedy, type Remedy } from "../options/error_with_remedy.ts";
import { reasonOf } from "../options/reason_of.ts";
import { shellLine, shellQuoted } from "../options/shell_quoted.ts";
import { printable } from "../untrusted/printable.ts";
import {
  MissingCasesError,
  type PlansNames,
  type Wording,
} from "../training/fold/missing_cases_error.ts";

/** Returns the data set's number, or its name if it has no number. */
function idOf({ datasetName }: PlansNames): string {
  return shellQuoted(`${Number(/^Dataset(\d+)_/.exec(datasetName)?.[1]) || datasetName}`);
}

/**
 * Returns the commands that resolve missing cases.
 *
 * @param root The value of `--root`, if it is in use; the commands repeat it.
 */
export function commandsFor(root?: string): Wording {
  const places = root === undefined ? "" : ` --root ${shellQuoted(root)}`;
  return {
    preprocess: (plans, configuration) =>
      `deno task nnunet preprocess -d ${idOf(plans)}` +
      `${otherPlans("-plans_name", plans)} -c ${shellQuoted(configuration)}${places}`,
    validate: (plans, configuration) =>
      `deno task nnunet train ${idOf(plans)} ${shellQuoted(configuration)} FOLD` +
      `${otherPlans("-p", plans)} --val${places}`,
  };
}

function otherPlans(option: string, { plansName }: PlansNames): string {
  return plansName === "nnUNetPlans" ? "" : ` ${option} ${shellQuoted(plansName)}`;
}

/** How users of the command line apply a remedy. */
const options: Readonly<Record<Remedy, string>> = {
  overwrite: "add --overwrite to replace it",
  predictPreviousStage:
    "predict the first stage by itself with the -f and --chk that it has, and pass its output as " +
    "--prev_stage_predictions",
  predictAnew: "leave out --continue_prediction to predict all cases anew, or choose another -o",
  plan: "plan the data set first, with plan_and_preprocess",
  trainAnew: "run train without --c to train anew, which keeps the folder under another name",
  finishTraining:
    "finish it with train --c, or add --val_best to validate checkpoint_best.pth if there is one",
  finishValidation: "finish it with train --c, or with train --val",
  validateWithProbabilities: "run train with --val --npz",
  predictWithProbabilities: "predict with --save_probabilities",
  convertDecathlon:
    "use convert_MSD_dataset, since this looks like a Medical Segmentation Decathlon task",
  findBest: "compare them with find_best_configuration",
  launch: "launch it with --engine, or name the folder of the launch with --out",
  awaitLaunch: "wait for them, or cancel them with --cancel; --status reports their status",
  convertVersion1: "use convert_old_nnUNet_dataset, since this looks like an nnU-Net v1 task",
};

/** Words parameters that messages of the library name in backticks, as options. */
const parameterOptions: Readonly<Record<string, string>> = {
  channel: "--channel_idx",
  checkpoint: "--chk",
  classes: "--names",
  cpus: "--cpus",
  details: "--details",
  fileEnding: "the ending of the label maps",
  files: "the header's folder",
  folds: "-f",
  gpus: "--gpus",
  gpuMemoryTarget: "--gpu_memory_target",
  graceSeconds: "--grace",
  maxParallel: "--max_parallel",
  memoryLimitBytes: "--memory_limit",
  mount: "--mount",
  output: "-o",
  overlapOrder: "--overlap_order",
  overwrite: "--overwrite",
  plansName: "the name of the plans",
  previousStage: "--prev_stage_predictions",
  previousStageFolder: "--prev_stage_predictions",
  regionsClassOrder: "--regions_class_order",
  resume: "--c",
  series: "--series",
  saveProbabilities: "--save_probabilities",
  targetSpacing: "--overwrite_target_spacing",
  tolerance: "--tolerance",
  workers: "--np",
};

/** Replaces parameters in backticks, with their values, by options. */
function withOptions(text: string): string {
  return text.replace(/`(\w+)(?:: ([^`]*))?`/g, (whole, name: string, value?: string) => {
    if (!Object.hasOwn(parameterOptions, name)) return whole;
    const option = parameterOptions[name];
    if (value === undefined || value === "true") return option;
    // `{ a: 1, b: 255 }` is a=1,b=255 on the command line.
    const named = value.match(/^\{ (.*) \}$/)?.[1].replaceAll(": ", "=")
      .replaceAll(", ", ",").replaceAll('"', "");
    return `${option} ${named === undefined ? listOf(value) : shellQuoted(named)}`;
  });
}

/** `[0, 1]` is 0 1 on the command line. */
function listOf(value: string): string {
  return value.replace(/[[\]",]/g, "");
}

/** The commands that train folds of a model whose path is nnU-Net's. */
function foldCommands(root?: string): FoldWording {
  return {
    train(model, fold, resume) {
      const [trainer, plansName, configuration] = basename(model).split("__");
      const datasetName = basename(dirname(model));
      if (configuration === undefined) return "deno task nnunet train";
      return [
        `deno task nnunet train ${idOf({ datasetName, plansName })}`,
        shellLine([
          ...[configuration, `${fold}`, ...resume ? ["--c"] : []],
          ...trainer === "nnUNetTrainer" ? [] : ["--tr", trainer],
          ...root === undefined ? [] : ["--root", root],
        ]),
      ].join(" ") + otherPlans("-p", { datasetName, plansName });
    },
  };
}

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
 * assert.equal(textOf(new Error("Pass `folds: [0, 1]`")), "Pass -f 0 1");
 * ```
 */
export function textOf(error: unknown, root?: string): string {
  return printable(asTyped(withOptions(ownWords(error, root))), { keepLines: true });
}

/** Spells commands of this project as the user starts them: the installed command, or the task. */
export function asTyped(text: string): string {
  return text.replaceAll("deno task nnunet", Deno.env.get("NNUNET_COMMAND") || "deno task nnunet");
}

function ownWords(error: unknown, root?: string): string {
  if (error instanceof MissingCasesError) return error.describe(commandsFor(root));
  if (error instanceof UntrainedFoldsError) return error.describe(foldCommands(root));
  if (error instanceof ErrorWithRemedy && error.remedy) {
    return `${nested(error, error.problem, root)}; ${options[error.remedy]}`;
  }
  return nested(error, error instanceof Error && error.message || reasonOf(error), root);
}

/** Words the causes that a message repeats. */
function nested(error: unknown, text: string, root?: string): string {
  const causes = error instanceof FailedCasesError
    ? error.failures.map(({ cause }) => cause)
    : error instanceof Error
    ? [error.cause]
    : [];
  return causes.reduce<string>((text, cause) => {
    if (!(cause instanceof Error) || !cause.message) return text;
    return text.replaceAll(cause.message, () => ownWords(cause, root));
  }, text);
}
