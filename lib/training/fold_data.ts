/** Where the cases of a fold are, and for a cascade the previous stage's segmentations. */

import { join } from "../platform/paths.ts";
import { fileNames, modelFolderName } from "../files/paths.ts";
import { readSplits } from "../files/splits_json.ts";
import { foldCases, type FoldChoice } from "./fold_cases.ts";
import { findPreviousStage } from "./previous_stage.ts";
import type { TrainingData } from "./training_data.ts";

/** The fold's cases, and for a cascade what the previous stage made of them. */
export type FoldData = Pick<TrainingData, "folder" | "split" | "previousStage">;

/** A fold, and where results are. */
export interface FoldDataOptions extends FoldChoice {
  /** For a cascade's second stage, the foreground labels, which get a channel each. */
  readonly previousStageLabels?: readonly number[];
  /** Results folder of the data set. */
  readonly resultsFolder: string;
  /** Name of the trainer that has trained the previous stage. */
  readonly trainer: string;
}

/**
 * Finds what a fold is trained and validated on.
 *
 * @throws {MissingCasesError} If cases are not preprocessed, or for a cascade the previous stage has
 * not segmented all of them.
 * @throws {Error} If the fold has no case to train or to validate on.
 */
export async function findFoldData(options: FoldDataOptions): Promise<FoldData> {
  const { configuration: { name, dataIdentifier, previousStage }, plans } = options;
  const folder = join(options.folder, dataIdentifier);
  const split = await foldCases(options);
  if (!previousStage) return { folder, split };
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
    previousStage: { folder: segmentations, labels: options.previousStageLabels ?? [] },
  };
}
