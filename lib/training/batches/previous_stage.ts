/** Finds a cascade's previous-stage segmentations of the training cases. */

import { join } from "../../platform/paths.ts";
import { fileNames } from "../../files/paths.ts";
import { nameSome } from "../../files/some_names.ts";
import type { Split } from "../../files/splits_json.ts";
import { listLabelMaps } from "../../preprocessing/label_map_storage.ts";
import { MissingCasesError, type PlansNames } from "../fold/missing_cases_error.ts";

/** Options of {@link findPreviousStage}. */
export interface PreviousStageOptions {
  readonly plans: PlansNames;
  /** Results folder of the previous stage. */
  readonly modelFolder: string;
  /** Name of the previous stage's configuration. */
  readonly previous: string;
  /** Name of the configuration to train. */
  readonly configuration: string;
  /** Every case to train or validate with. */
  readonly cases: readonly string[];
  /** All folds, so that the error can name those to train first. */
  readonly splits: readonly Split[];
}

/**
 * For example `…/nnUNetTrainer__nnUNetPlans__3d_lowres/predicted_next_stage/3d_cascade_fullres`.
 */
export function nextStageFolder(modelFolder: string, configuration: string): string {
  return join(modelFolder, fileNames.nextStage, configuration);
}

/**
 * Returns the folder of the previous stage's segmentations. Each comes from a network that was not
 * trained on the case, since a fold's validation writes those of its validation cases.
 *
 * @throws {MissingCasesError} If some are missing; the message names the folds to train first.
 */
export async function findPreviousStage(options: PreviousStageOptions): Promise<string> {
  const { plans, modelFolder, previous, configuration, cases, splits } = options;
  const folder = nextStageFolder(modelFolder, configuration);
  const present = new Set(await listLabelMaps(folder));
  const missing = cases.filter((name) => !present.has(name));
  if (missing.length === 0) return folder;
  const folds = splits.flatMap(({ validation }, fold) =>
    validation.some((name) => missing.includes(name)) ? [fold] : []
  );
  const which = folds.length === 0
    ? "fold all"
    : `fold${folds.length > 1 ? "s" : ""} ${folds.join(", ")}`;
  throw new MissingCasesError(
    previous,
    missing,
    ({ validate }) =>
      `Cannot train ${configuration}: found no ${previous} segmentations of ${missing.length} of ` +
      `${cases.length} cases (${nameSome(missing)}) in ${folder}; train and validate ${which} of ` +
      `${previous} first; if that was done before ${configuration} was preprocessed, validating again ` +
      `with \`${validate(plans, previous)}\` is enough`,
  );
}
