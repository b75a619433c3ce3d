/** Lists the preprocessed cases that a fold trains and validates on. */

import { join } from "../../platform/paths.ts";
import { createSplits, type Fold, selectFold } from "../../dataset/splits.ts";
import { fileNames } from "../../files/paths.ts";
import { readSplits, writeSplits } from "../../files/splits_file.ts";
import type { Split } from "../../files/splits_json.ts";
import { nameSome } from "../../files/some_names.ts";
import type { Configuration } from "../../files/plans.ts";
import { listCases } from "../../preprocessing/storage.ts";
import { MissingCasesError, type PlansNames } from "./missing_cases_error.ts";
import { exists } from "../../platform/files.ts";

/** A fold of a planned configuration. */
export interface FoldChoice {
  /** The data set's folder in `nnUNet_preprocessed`. */
  readonly folder: string;
  readonly plans: PlansNames;
  readonly configuration: Configuration;
  readonly fold: Fold;
}

/**
 * Reads a fold's cases from the data set's `splits_final.json`, which is created if it does not
 * exist. As in nnU-Net, users may write that file themselves, and it need not contain every case.
 *
 * @throws {MissingCasesError} If a case of the fold is not preprocessed, or no case is.
 * @throws {Error} If the fold has no case to train or to validate on.
 * @throws {RangeError} If there are too few cases for a cross-validation, or no such fold exists.
 * @throws {SyntaxError} If the file is not a list of folds.
 */
export async function foldCases(
  { folder, plans, configuration, fold }: FoldChoice,
): Promise<Split> {
  const { name, dataIdentifier } = configuration;
  const casesFolder = join(folder, dataIdentifier);
  const cases = await listCases(casesFolder);
  if (cases.length === 0) {
    throw new MissingCasesError(
      name,
      [],
      ({ preprocess }) =>
        `Cannot train ${name}: found no preprocessed cases in ${casesFolder}; ` +
        `preprocess them first with \`${preprocess(plans, name)}\``,
    );
  }
  if (fold === "all") return selectFold([], fold, cases);
  const path = join(folder, fileNames.splits);
  if (!await exists(path)) await writeSplits(path, createSplits(cases));
  const splits = await readSplits(path);
  const split = selectFold(splits, fold, cases);
  const source = fold < splits.length ? path : `the random split of ${casesFolder}`;
  for (const [list, names] of [["train", split.train], ["val", split.validation]] as const) {
    if (names.length > 0) continue;
    throw new Error(
      `Cannot train fold ${fold} of ${name}: ${source} has an empty list "${list}" for it, ` +
        "expected at least one case",
    );
  }
  const present = new Set(cases);
  const named = new Set([...split.train, ...split.validation]);
  const missing = [...named].filter((one) => !present.has(one));
  if (missing.length > 0) {
    throw new MissingCasesError(
      name,
      missing,
      ({ preprocess }) =>
        `Cannot train fold ${fold} of ${name}: ${path} names ${nameSome(missing)}, ` +
        `${missing.length} of the fold's ${named.size} cases, which ${casesFolder} does not have; ` +
        `preprocess them with \`${
          preprocess(plans, name)
        }\`; if the data set has changed, edit the ` +
        "file, or delete it to create new folds",
    );
  }
  return split;
}
