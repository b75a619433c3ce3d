/** Chooses the cases that a fold trains and validates on, and checks that they are preprocessed. */

import { join } from "../../platform/paths.ts";
import { createSplits, type Fold, selectFold } from "../../dataset/splits.ts";
import { fileNames } from "../../files/paths.ts";
import { readSplits, writeSplits } from "../../files/splits_file.ts";
import type { Split } from "../../files/splits_json.ts";
import { nameSome } from "../../files/some_names.ts";
import type { Configuration } from "../../files/plans.ts";
import { caseFiles } from "../../preprocessing/case_files.ts";
import { type Recipe, recipeFingerprint } from "../../preprocessing/recipe.ts";
import { incompleteCases } from "../../preprocessing/stored_parts.ts";
import { datasetCases } from "./dataset_cases.ts";
import { MissingCasesError, type PlansNames } from "./missing_cases_error.ts";
import { exists } from "../../platform/files.ts";

/** A fold of a planned configuration. */
export interface FoldChoice {
  /** The data set's folder in `nnUNet_raw`, which need not exist. */
  readonly rawFolder: string;
  /** The data set's folder in `nnUNet_preprocessed`. */
  readonly folder: string;
  /** The data set's file ending with its dot, such as `.nii.gz`. */
  readonly fileEnding: string;
  readonly plans: PlansNames & Recipe["plansData"];
  readonly configuration: Configuration;
  readonly fold: Fold;
}

/** A fold's cases. */
export interface FoldCases {
  readonly split: Split;
  /** What users should know about the choice, as sentences. */
  readonly notices: readonly string[];
}

/**
 * Reads a fold's cases from the data set's `splits_final.json`, which is created from the names of
 * all cases if it does not exist. As in nnU-Net, users may write that file themselves, and it need
 * not contain every case; a fold beyond its last one is a random split.
 *
 * @throws {MissingCasesError} If a case of the fold is not preprocessed completely; no file is
 * written then.
 * @throws {Error} If the fold has no case to train or to validate on.
 * @throws {RangeError} If there are too few cases for a cross-validation, or no such fold exists.
 * @throws {SyntaxError} If the file is not a list of folds.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/training/nnUNetTrainer/nnUNetTrainer.py do_split
 */
export async function foldCases(choice: FoldChoice): Promise<FoldCases> {
  const { folder, configuration, fold } = choice;
  const casesFolder = join(folder, configuration.dataIdentifier);
  const cases = await datasetCases({ ...choice, casesFolder });
  if (cases.length === 0) throw noCases(choice, casesFolder);
  const path = join(folder, fileNames.splits);
  const isNew = fold !== "all" && !await exists(path);
  const splits = fold === "all" ? [] : isNew ? createSplits(cases) : await readSplits(path);
  const split = selectFold(splits, fold, cases);
  const isRandom = fold !== "all" && fold >= splits.length;
  for (const [list, names] of [["train", split.train], ["val", split.validation]] as const) {
    if (names.length > 0) continue;
    throw new Error(
      `Cannot train fold ${fold} of ${configuration.name}: ` +
        `${isRandom ? `the random split of ${casesFolder}` : path} has an empty list "${list}" ` +
        "for it, expected at least one case",
    );
  }
  await requireComplete(choice, { casesFolder, cases, split, path });
  if (isNew) await writeSplits(path, splits);

  const notices: string[] = [];
  const all = `the data set's ${cases.length} cases`;
  if (isNew) notices.push(`Created ${path}: ${splits.length} folds of ${all}`);
  if (isRandom) {
    notices.push(
      `${path} has ${splits.length} folds, 0 to ${splits.length - 1}; fold ${fold} is a random ` +
        `split of ${all}, the same in every run`,
    );
  }
  const unused = isRandom || fold === "all" ? [] : inNoFold(cases, splits);
  if (unused.length > 0) {
    notices.push(
      `${unused.length} of ${all} are in no fold of ${path} and are not used: ` +
        `${nameSome(unused)}; if they were added later, delete the file to create new folds`,
    );
  }
  const validation = new Set(split.validation);
  const both = fold === "all" ? [] : split.train.filter((name) => validation.has(name));
  if (both.length > 0) {
    notices.push(
      `Fold ${fold} of ${path} both trains and validates on ${nameSome(both)}; edit the file ` +
        "unless that is intended",
    );
  }
  return { split, notices };
}

/** Returns the cases that no fold trains or validates on. */
function inNoFold(cases: readonly string[], splits: readonly Split[]): string[] {
  const used = new Set(splits.flatMap(({ train, validation }) => [...train, ...validation]));
  return cases.filter((name) => !used.has(name));
}

function noCases({ plans, configuration: { name } }: FoldChoice, casesFolder: string) {
  return new MissingCasesError(
    name,
    [],
    ({ preprocess }) =>
      `Cannot train ${name}: found no preprocessed cases in ${casesFolder}; ` +
      `preprocess them first with \`${preprocess(plans, name)}\``,
  );
}

/** @throws {MissingCasesError} If one of the fold's cases is missing or damaged. */
async function requireComplete(
  choice: FoldChoice,
  { casesFolder, cases, split, path }: {
    readonly casesFolder: string;
    readonly cases: readonly string[];
    readonly split: Split;
    readonly path: string;
  },
): Promise<void> {
  const { plans, fold, configuration: { name } } = choice;
  const named = [...new Set([...split.train, ...split.validation])].sort();
  const recipe = await recipeFingerprint({
    plansData: plans,
    configuration: choice.configuration,
  });
  const problems = await incompleteCases(casesFolder, named, recipe);
  if (problems.size === 0) return;
  const missing = [...problems.keys()];
  if (missing.length === cases.length && !await exists(casesFolder)) {
    throw noCases(choice, casesFolder);
  }
  const known = new Set(cases);
  const removed = missing.filter((one) => !known.has(one));
  // Why a case that exists cannot be used is news; that a file is missing is not.
  const damaged = await firstDamaged(casesFolder, problems);
  throw new MissingCasesError(
    name,
    missing,
    ({ preprocess }) =>
      `Cannot train fold ${fold} of ${name}: ${missing.length} of its ${named.length} cases are ` +
      `not preprocessed completely in ${casesFolder}: ${nameSome(missing)}` +
      `${damaged === undefined ? "" : ` (${damaged})`}; preprocess them with ` +
      `\`${preprocess(plans, name)}\`` +
      (removed.length === 0
        ? ""
        : `; ${path} names ${
          nameSome(removed)
        }, which the data set does not have: edit the file, ` +
          "or delete it to create new folds"),
  );
}

/** Returns what is wrong with the first case whose header exists. */
async function firstDamaged(
  casesFolder: string,
  problems: ReadonlyMap<string, string>,
): Promise<string | undefined> {
  for (const [name, problem] of problems) {
    if (await exists(caseFiles(casesFolder, name).header)) return problem;
  }
}
