/** Defines what a training run depends on. */

import type { DatasetJson } from "../files/dataset.ts";
import type { PlansData } from "../files/plans.ts";
import type { InitArgs } from "../interop/nnunet_checkpoint.ts";
import type { StepRunnerOptions } from "./step/step_runner.ts";
import type { TrainingData } from "./batches/training_data.ts";
import type { ResolvedOptions } from "./resolve_options.ts";
import type { CheckpointOptions, TrainerOptions, TrainingSchedule } from "./training_options.ts";
import type { TrainingSettings } from "./training_settings.ts";

/** Everything that a training run depends on. */
export interface TrainingSetup {
  /** What a step computes, and on which device. */
  readonly step: StepRunnerOptions & Required<Pick<StepRunnerOptions, "optimizer">>;
  /** The data that batches are made from. */
  readonly data: TrainingData;
  /** The number of steps and their learning rates. */
  readonly schedule: TrainingSchedule;
  /** Where the training is recorded. */
  readonly record: TrainingRecord;
}

/** Where a training is recorded, and what its checkpoints contain besides the state. */
export interface TrainingRecord extends CheckpointOptions {
  /** Folder of the fold's results. */
  readonly folder: string;
  /** Whether to write weights to disk. */
  readonly checkpoints: boolean;
  /** The plans and the data set, to compare with those of a checkpoint. */
  readonly plansData: PlansData;
  readonly datasetJson: DatasetJson;
  readonly configuration: string;
  /** Name of the class that resumes the training in Python's nnU-Net. */
  readonly trainerName: string;
  /** Arguments of that class's constructor. */
  readonly initArgs: InitArgs;
  /** The options that are not nnU-Net's. */
  readonly options: TrainerOptions;
  /** What other options stand for. */
  readonly standard: ResolvedOptions;
  /** Settings for the log. */
  readonly settings: TrainingSettings;
}
