/** Describes what a training is about to do. */

import type { Shape } from "../array/nd_array.ts";
import type { Fold } from "../dataset/splits.ts";
import type { Device } from "../runtime/device.ts";
import type { TrainingLog } from "../interop/training_log.ts";

/** What a training or validation is about to do. */
export interface TrainingStart {
  /** The data set's name, such as `Dataset004_Hippocampus`. */
  readonly dataset: string;
  /** The configuration's name. */
  readonly configuration: string;
  /** The fold. */
  readonly fold: Fold;
  /** Folder of the fold's results. */
  readonly folder: string;
  /** Number of cases to train on. */
  readonly trainingCases: number;
  /** Number of cases to validate on. */
  readonly validationCases: number;
  /** Number of validation cases that this model has predicted before and that are kept. */
  readonly validatedCases: number;
  /** Voxels per axis of a patch. */
  readonly patchSize: Shape;
  /** Patches per batch. */
  readonly batchSize: number;
  /** The device that computes. */
  readonly device: Device;
  /** Number of epochs of the whole training. */
  readonly epochs: number;
  /** Number of epochs that are finished; as many as {@link epochs} if only validation remains. */
  readonly finishedEpochs: number;
  /** Estimated seconds of the remaining epochs; undefined before the first epoch. */
  readonly secondsLeft?: number;
  /** What users should know beforehand, as sentences: what is kept, replaced or not used, and why. */
  readonly notices: readonly string[];
}

/** Estimates the seconds of epochs from the mean of those in a log. */
export function secondsOfEpochs(
  count: number,
  { epochStart, epochEnd }: TrainingLog,
): number | undefined {
  if (epochEnd.length === 0) return undefined;
  const spent = epochEnd.reduce((sum, end, epoch) => sum + end - epochStart[epoch], 0);
  return count * spent / epochEnd.length;
}
