/** Chooses what follows a training: by an option for TensorBoard, by variables for W&B. */

import { join } from "../platform/paths.ts";
import type { Trainer } from "../trainer.ts";
import { tensorBoardLogger } from "../training/loggers/tensorboard_logger.ts";
import type { TrainingLogger } from "../training/loggers/training_logger.ts";
import { wandbLogger } from "../training/loggers/wandb_logger.ts";
import { UsageError } from "./exit_codes.ts";

/** Where to take the values of environment variables from. */
type Variables = (name: string) => string | undefined;

/** A choice of loggers. */
export interface LoggerChoice {
  /** Folder for TensorBoard, in which each fold gets a folder of its own. */
  readonly tensorboard?: string;
  readonly trainer: Pick<Trainer, "plans" | "modelFolder" | "folder">;
  /** Prints a line. */
  readonly print: (line: string) => void;
  readonly variables: Variables;
}

/**
 * Returns the loggers of a training. Weights & Biases is chosen by nnU-Net's variables
 * `nnUNet_wandb_enabled`, `nnUNet_wandb_project` and `nnUNet_wandb_mode`.
 *
 * @throws {UsageError} If a variable has a value that nnU-Net does not know.
 */
export function trainingLoggers(
  { tensorboard, trainer, print, variables }: LoggerChoice,
): TrainingLogger[] {
  const loggers: TrainingLogger[] = [];
  if (tensorboard !== undefined) {
    const run = [
      trainer.plans.plansData.datasetName,
      nameOf(trainer.modelFolder),
      nameOf(trainer.folder),
    ];
    const folder = join(tensorboard, ...run);
    print(`TensorBoard: ${folder}; show it with: tensorboard --logdir ${tensorboard}`);
    loggers.push(tensorBoardLogger(folder));
  }
  if (isWandbEnabled(variables)) loggers.push(wandbFor(print, variables));
  return loggers;
}

function isWandbEnabled(variables: Variables): boolean {
  const enabled = oneOf(variables, "nnUNet_wandb_enabled", "0", [
    ...["0", "False", "false"],
    ...["1", "True", "true"],
  ]);
  const mode = oneOf(variables, "nnUNet_wandb_mode", "online", [
    ...["online", "offline", "disabled"],
  ]);
  return /^(1|true)$/i.test(enabled) && mode !== "disabled";
}

function wandbFor(print: LoggerChoice["print"], variables: Variables): TrainingLogger {
  const isOnline = (variables("nnUNet_wandb_mode") ?? "online") === "online";
  return wandbLogger({
    project: variables("nnUNet_wandb_project"),
    config: { JobID: variables("SLURM_JOB_ID") ?? variables("LSB_JOBID") ?? null },
    onRun: (folder) =>
      print(
        `Weights & Biases: ${isOnline ? "nothing is sent from here; " : ""}` +
          `upload the run with: wandb sync ${folder}`,
      ),
  });
}

function oneOf(
  variables: Variables,
  name: string,
  absent: string,
  allowed: readonly string[],
): string {
  const value = variables(name) ?? absent;
  if (allowed.includes(value)) return value;
  throw new UsageError(
    `Cannot train: ${name} is "${value}", expected one of ${allowed.join(", ")}`,
  );
}

function nameOf(folder: string): string {
  return folder.replace(/^.*[/\\]/s, "");
}
