/** Defines how a training is observed, aborted, resumed and validated. */

import type { InferenceProgress } from "../inference/case_pipeline.ts";
import { type KnownOptions, requireKnown } from "../options/require_known.ts";
import type { MissingCasesError } from "./fold/missing_cases_error.ts";
import type { TrainingLogger } from "./loggers/training_logger.ts";
import type { EpochOptions } from "./training_progress.ts";
import type { TrainingStart } from "./training_start.ts";

/** How to observe, abort, resume and validate a training. */
export interface FitOptions extends EpochOptions {
  /**
   * Whether to resume from the fold's last checkpoint, if there is one; false by default. If the
   * training has ended already, only what is missing of the validation is done.
   */
  readonly resume?: boolean;
  /**
   * Whether a new training removes the results of an earlier one in the fold's folder; by default,
   * their folder is renamed to `previous_fold_0_…`, with its date.
   */
  readonly overwrite?: boolean;
  /** How to validate the fold's cases after training; false to skip it. */
  readonly validation?: false | Pick<ValidationOptions, "checkpoint" | "saveProbabilities">;
  /** Called once before the work starts. */
  readonly onStart?: (start: TrainingStart) => void;
  /** Called with the progress of the validation. */
  readonly onValidation?: ValidationOptions["onProgress"];
  /** Called with warnings of the validation and of loggers. */
  readonly onWarning?: ValidationOptions["onWarning"];
  /**
   * What follows the training: functions of your own, or those that `tensorBoardLogger()` and
   * `wandbLogger()` return; none by default.
   */
  readonly loggers?: readonly TrainingLogger[];
}

/** How to validate a trained fold. */
export interface ValidationOptions {
  /** File name of the checkpoint to validate, `checkpoint_final.pth` by default. */
  readonly checkpoint?: string;
  /** Whether to write `CASE.npz` and `CASE.pkl` next to the label maps, for ensembles. */
  readonly saveProbabilities?: boolean;
  /** Whether to predict cases again that the same network has predicted before; false by default. */
  readonly overwrite?: boolean;
  /** Aborts the validation. */
  readonly signal?: AbortSignal;
  /** Called once before the work starts. */
  readonly onStart?: (start: TrainingStart) => void;
  /** Called with the progress of the validation. */
  readonly onProgress?: (progress: InferenceProgress) => void;
  /**
   * Called with warnings, which are also written to the fold's log. For missing cases, `reason` can
   * describe them in another wording.
   */
  readonly onWarning?: (message: string, reason?: MissingCasesError) => void;
}

/** Names of {@link ValidationOptions}. */
export const validationOptions: KnownOptions<ValidationOptions> = {
  checkpoint: true,
  saveProbabilities: true,
  overwrite: true,
  signal: true,
  onStart: true,
  onProgress: true,
  onWarning: true,
};

const fitOptions: KnownOptions<FitOptions> = {
  resume: true,
  overwrite: true,
  validation: true,
  signal: true,
  onStart: true,
  onProgress: true,
  onValidation: true,
  onWarning: true,
  loggers: true,
};

/** @throws {TypeError} If an option is unknown. */
export function requireFitOptions(options: FitOptions): void {
  requireKnown(options, fitOptions, "train");
  const { checkpoint, saveProbabilities } = validationOptions;
  const { validation } = options;
  if (validation) {
    requireKnown(validation, { checkpoint, saveProbabilities }, "train", "validation");
  }
}
