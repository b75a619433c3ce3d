/** In a cascade: where the stage before has left its segmentations of the training cases. */

import { join } from "@std/path";
import { fileNames } from "../files/paths.ts";
import { nameSome } from "../files/some_names.ts";
import type { Split } from "../files/splits_json.ts";
import { listLabelMaps } from "../preprocessing/label_map_storage.ts";

/** Which segmentations a cascade needs. */
export interface PreviousStageOptions {
  /** Results folder of the stage before. */
  readonly modelFolder: string;
  /** Its configuration, and the one to train. */
  readonly previous: string;
  readonly configuration: string;
  /** Every case to train or validate with. */
  readonly cases: readonly string[];
  /** The folds, to tell which one is missing. */
  readonly splits: readonly Split[];
}

/** `…/nnUNetTrainer__nnUNetPlans__3d_lowres/predicted_next_stage/3d_cascade_fullres` */
export function nextStageFolder(modelFolder: string, configuration: string): string {
  return join(modelFolder, fileNames.nextStage, configuration);
}

/**
 * The folder of the previous stage's segmentations, each by a network that did not train on the
 * case: every fold's validation leaves those of its own cases.
 *
 * @throws {Error} If some are missing, saying which folds to train first.
 */
export async function findPreviousStage(options: PreviousStageOptions): Promise<string> {
  const { modelFolder, previous, configuration, cases, splits } = options;
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
  throw new Error(
    `Cannot train ${configuration}: found no ${previous} segmentations of ${missing.length} of ` +
      `${cases.length} cases (${nameSome(missing)}) in ${folder}; train and validate ${which} of ` +
      `${previous} first; where that was done before ${configuration} was preprocessed, validating ` +
      "again (`train` with `--val`) is enough",
  );
}
