/** What a training is made of. */

import type { InitArgs } from "../interop/nnunet_checkpoint.ts";
import type { StepRunnerOptions } from "./step_runner.ts";
import type { TrainingData } from "./training_data.ts";
import type { CheckpointOptions, TrainingSchedule } from "./training_options.ts";
import type { TrainingSettings } from "./training_settings.ts";

/** Everything that a run depends on. */
export interface TrainingSetup {
  /** What a step computes, and on which device. */
  readonly step: StepRunnerOptions & Required<Pick<StepRunnerOptions, "optimizer">>;
  /** What its batches are made of. */
  readonly data: TrainingData;
  /** How many steps there are, and how fast they learn. */
  readonly schedule: TrainingSchedule;
  /** What is kept of them. */
  readonly record: TrainingRecord;
}

/** Where a training is recorded, and what its checkpoints say beyond the state. */
export interface TrainingRecord extends CheckpointOptions {
  /** Folder of the fold's results. */
  readonly folder: string;
  readonly checkpoints: boolean;
  /** Name of the class with which Python's nnU-Net resumes the training. */
  readonly trainerName: string;
  /** The arguments of that class. */
  readonly initArgs: InitArgs;
  /** For the log: what the user chose. */
  readonly settings: TrainingSettings;
}
