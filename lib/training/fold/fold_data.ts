/**
 * Finds the preprocessed cases of a fold and, for a cascade, the previous stage's segmentations.
 */

import { join } from "../../platform/paths.ts";
import { fileNames, modelFolderName } from "../../files/paths.ts";
import { readSplits } from "../../files/splits_file.ts";
import { foldCases, type FoldChoice } from "./fold_cases.ts";
import { findPreviousStage } from "../batches/previous_stage.ts";
import type { TrainingData } from "../batches/training_data.ts";

/** A fold's cases and, for a cascade, the previous stage's segmentations of them. */
export interface FoldData extends Pick<TrainingData, "folder" | "split" | "previousStage"> {
  /** What users should know about the choice of cases, as sentences. */
  readonly notices: readonly string[];
}

/** Options of {@link findFoldData}. */
export interface FoldDataOptions extends FoldChoice {
  /** For a cascade's second stage, the foreground labels, each of which becomes a channel. */
  readonly previousStageLabels?: readonly number[];
  /** Results folder of the data set. */
  readonly resultsFolder: string;
  /** Name of the trainer that trained the previous stage. */
  readonly trainer: string;
}

/**
 * Finds the data that a fold is trained and validated on.
 *
 * @throws {MissingCasesError} If cases are not preprocessed or, for a cascade, not segmented by the
 * previous stage.
 * @throws {Error} If the fold has no case to train or to validate on.
 */
export async function findFoldData(options: FoldDataOptions): Promise<FoldData> {
  const { configuration: { name, dataIdentifier, previousStage }, plans } = options;
  const folder = join(options.folder, dataIdentifier);
  const { split, notices } = await foldCases(options);
  if (!previousStage) return { folder, split, notices };
  const modelFolder = modelFolderName(options.trainer, plans.plansName, previousStage);
  const segmentations = await findPreviousStage({
    plans,
    modelFolder: join(options.resultsFolder, modelFolder),
    previous: previousStage,
    configuration: name,
    cases: [...new Set([...split.train, ...split.validation])],
    splits: await readSplits(join(options.folder, fileNames.splits)).catch(() => []),
  });
  return {
    folder,
    split,
    notices,
    previousStage: { folder: segmentations, labels: options.previousStageLabels ?? [] },
  };
}
