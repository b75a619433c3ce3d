/** Defines the error for a cascade whose first stage cannot be predicted. */

import { UntrainedFoldsError } from "../model/untrained_folds_error.ts";
import { ErrorWithRemedy } from "../options/error_with_remedy.ts";

/**
 * The first stage of a cascade was not given, and cannot be predicted with what the second stage is
 * predicted with: its folds, its checkpoint and its trainer. `cause` says why.
 *
 * @example
 * ```ts ignore
 * import { PreviousStageError } from "nnunet";
 *
 * await predictor.predictFolder({ input, output }).catch(async (error) => {
 *   if (!(error instanceof PreviousStageError)) throw error;
 *   using first = await Predictor.open(lowresFolder, { folds: [0, 1, 2] });
 *   await first.predictFolder({ input, output: "lowres" });
 *   await predictor.predictFolder({ input, output, previousStageFolder: "lowres" });
 * });
 * ```
 */
export class PreviousStageError extends ErrorWithRemedy {
  /** The class's name. */
  override readonly name: string = "PreviousStageError";
  /** The configuration of the first stage. */
  readonly previousStage: string;
  /** Why its model cannot be opened. */
  override readonly cause: Error;

  /**
   * Says in the message what the first stage would have been predicted with.
   *
   * @param configuration The configuration of the second stage.
   * @param previousStage The configuration of the first stage.
   * @param cause Why its model cannot be opened.
   */
  constructor(configuration: string, previousStage: string, cause: Error) {
    super(
      `Cannot predict ${configuration} without segmentations of ${previousStage}, which takes the ` +
        `same folds, checkpoint and trainer: ${reasonFor(cause)}`,
      "predictPreviousStage",
    );
    this.previousStage = previousStage;
    this.cause = cause;
  }
}

/** Without the advice of the error, which is about opening the model by itself. */
function reasonFor(cause: Error): string {
  if (!(cause instanceof UntrainedFoldsError)) return cause.message;
  const { path, checkpoint, trained, untrained } = cause;
  const lacking = untrained.map(({ fold }) => fold).join(", ");
  return `${path} has no ${checkpoint} of fold ${lacking}, but of ${
    trained.length > 0 ? `fold ${trained.join(", ")}` : "no fold"
  }`;
}
