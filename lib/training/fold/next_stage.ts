/** Finds where a cascade's next stages expect the segmentations of a fold's validation. */

import { join } from "../../platform/paths.ts";
import { configurationOf, whyNoConfiguration } from "../../files/configuration_of.ts";
import { nameSome } from "../../files/some_names.ts";
import type { NextStage } from "../../inference/validate_fold.ts";
import type { Configuration, PlansData } from "../../files/plans.ts";
import { incompleteCases } from "../../preprocessing/stored_parts.ts";
import { MissingCasesError } from "./missing_cases_error.ts";
import { nextStageFolder } from "../batches/previous_stage.ts";

/** Options of {@link findNextStages}. */
export interface NextStagesOptions {
  /** The data set's folder in `nnUNet_preprocessed`. */
  readonly folder: string;
  readonly plansData: PlansData;
  readonly configuration: Configuration;
  /** Results folder of the model. */
  readonly modelFolder: string;
  /** Names of the cases that the fold validates on. */
  readonly cases: readonly string[];
}

/** Where the next stages expect segmentations, and what prevents some. */
export interface FoundNextStages {
  readonly stages: readonly NextStage[];
  /** For each stage whose cases are not all preprocessed, which ones. */
  readonly missing: readonly MissingCasesError[];
  /** Names of next stages that the plans do not have, or that cannot be used, with the reason. */
  readonly unknown: readonly string[];
}

/**
 * Finds where a configuration's next stages expect segmentations. They have the grids of that
 * stage's preprocessed cases, so cases that are not preprocessed yet get none.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/training/nnUNetTrainer/nnUNetTrainer.py
 * perform_actual_validation
 */
export async function findNextStages(
  { folder, plansData, configuration, modelFolder, cases }: NextStagesOptions,
): Promise<FoundNextStages> {
  const stages: NextStage[] = [];
  const missing: MissingCasesError[] = [];
  const unknown: string[] = [];
  for (const name of configuration.nextStages ?? []) {
    const next = configurationOf(plansData, name);
    if (!next) {
      unknown.push(`${name}: ${whyNoConfiguration(plansData, name)}`);
      continue;
    }
    const casesFolder = join(folder, next.dataIdentifier);
    const incomplete = await incompleteCases(casesFolder, cases);
    stages.push({
      casesFolder,
      cases: cases.filter((name) => !incomplete.has(name)),
      folder: nextStageFolder(modelFolder, name),
    });
    const names = [...incomplete.keys()];
    if (names.length === 0) continue;
    missing.push(
      new MissingCasesError(
        name,
        names,
        ({ preprocess, validate }) =>
          `Writing no segmentations for ${name} of ${names.length} of ${cases.length} cases ` +
          `(${nameSome(names)}), which are not preprocessed completely in ${casesFolder}; ` +
          `preprocess them with \`${preprocess(plansData, name)}\`, then validate ` +
          `${configuration.name} again with \`${validate(plansData, configuration.name)}\``,
      ),
    );
  }
  return { stages, missing, unknown };
}
