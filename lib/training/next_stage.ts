/** For a cascade, what the next stage needs of a fold's validation. */

import { join } from "../platform/paths.ts";
import { nameSome } from "../files/some_names.ts";
import type { NextStage } from "../inference/validate_fold.ts";
import type { Configuration, PlansData } from "../files/plans.ts";
import { listCases } from "../preprocessing/storage.ts";
import { MissingCasesError } from "./missing_cases_error.ts";
import { nextStageFolder } from "./previous_stage.ts";

/** A stage and the cases it validates on. */
export interface NextStageOptions {
  /** The data set's folder in `nnUNet_preprocessed`. */
  readonly folder: string;
  readonly plansData: PlansData;
  readonly configuration: Configuration;
  /** Results folder of the model. */
  readonly modelFolder: string;
  readonly cases: readonly string[];
}

/** Where a next stage looks for segmentations, and the cases that get none. */
export interface FoundNextStage extends NextStage {
  /** For the user, if there are such cases. */
  readonly warning?: MissingCasesError;
}

/**
 * Where a configuration's next stage looks for segmentations; undefined if no stage follows. They
 * are on the grids of that stage's preprocessed cases, so cases that are not preprocessed yet get
 * none, and a warning.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/training/nnUNetTrainer/nnUNetTrainer.py
 * perform_actual_validation
 */
export async function findNextStage(
  { folder, plansData, configuration, modelFolder, cases }: NextStageOptions,
): Promise<FoundNextStage | undefined> {
  const next = plansData.configurations[configuration.nextStage!];
  if (!next) return undefined;
  const casesFolder = join(folder, next.dataIdentifier);
  const prepared = new Set(await listCases(casesFolder));
  const missing = cases.filter((name) => !prepared.has(name));
  return {
    casesFolder,
    cases: cases.filter((name) => prepared.has(name)),
    folder: nextStageFolder(modelFolder, next.name),
    ...missing.length > 0 && {
      warning: new MissingCasesError(
        next.name,
        missing,
        ({ preprocess, validate }) =>
          `Writing no segmentations for ${next.name} of ${missing.length} of ${cases.length} cases ` +
          `(${nameSome(missing)}), which ${casesFolder} does not have; preprocess them with ` +
          `\`${
            preprocess(plansData, next.name)
          }\`, then validate ${configuration.name} again with ` +
          `\`${validate(plansData, configuration.name)}\``,
      ),
    },
  };
}
