/** Finds where a cascade's next stage expects the segmentations of a fold's validation. */

import { join } from "../../platform/paths.ts";
import { nameSome } from "../../files/some_names.ts";
import type { NextStage } from "../../inference/validate_fold.ts";
import type { Configuration, PlansData } from "../../files/plans.ts";
import { incompleteCases } from "../../preprocessing/stored_parts.ts";
import { MissingCasesError } from "./missing_cases_error.ts";
import { nextStageFolder } from "../batches/previous_stage.ts";

/** Options of {@link findNextStage}. */
export interface NextStageOptions {
  /** The data set's folder in `nnUNet_preprocessed`. */
  readonly folder: string;
  readonly plansData: PlansData;
  readonly configuration: Configuration;
  /** Results folder of the model. */
  readonly modelFolder: string;
  /** Names of the cases that the fold validates on. */
  readonly cases: readonly string[];
}

/** Where the next stage expects segmentations, and a warning about cases that get none. */
export interface FoundNextStage extends NextStage {
  /** Warning for the user, if some cases are not preprocessed for the next stage. */
  readonly warning?: MissingCasesError;
}

/**
 * Finds where a configuration's next stage expects segmentations. They have the grids of that
 * stage's preprocessed cases, so cases that are not preprocessed yet get none, which a warning
 * reports.
 *
 * @returns Undefined if no stage follows.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/training/nnUNetTrainer/nnUNetTrainer.py
 * perform_actual_validation
 */
export async function findNextStage(
  { folder, plansData, configuration, modelFolder, cases }: NextStageOptions,
): Promise<FoundNextStage | undefined> {
  const next = plansData.configurations[configuration.nextStage!];
  if (!next) return undefined;
  const casesFolder = join(folder, next.dataIdentifier);
  const incomplete = await incompleteCases(casesFolder, cases);
  const missing = [...incomplete.keys()];
  return {
    casesFolder,
    cases: cases.filter((name) => !incomplete.has(name)),
    folder: nextStageFolder(modelFolder, next.name),
    ...missing.length > 0 && {
      warning: new MissingCasesError(
        next.name,
        missing,
        ({ preprocess, validate }) =>
          `Writing no segmentations for ${next.name} of ${missing.length} of ${cases.length} cases ` +
          `(${
            nameSome(missing)
          }), which are not preprocessed completely in ${casesFolder}; preprocess them with ` +
          `\`${
            preprocess(plansData, next.name)
          }\`, then validate ${configuration.name} again with ` +
          `\`${validate(plansData, configuration.name)}\``,
      ),
    },
  };
}
