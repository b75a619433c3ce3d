/** Reads trained models in nnU-Net's results folders. */

import { basename, join } from "../platform/paths.ts";
import { CaseRecord } from "../files/case_record.ts";
import { exists } from "../platform/files.ts";
import { listFiles } from "../files/list_files.ts";
import { fileNames } from "../files/paths.ts";
import { foldOf } from "../model/fold_states.ts";
import { ErrorWithRemedy } from "../options/error_with_remedy.ts";
import { requireList, text } from "../options/require_value.ts";

/** Parts of a model folder's name. */
export interface ModelIdentity {
  readonly trainer: string;
  readonly plans: string;
  readonly configuration: string;
}

/**
 * Splits the name of a model's folder, `…/nnUNetTrainer__nnUNetPlans__3d_fullres`.
 *
 * @throws {RangeError} If the name does not have three parts.
 */
export function identityOf(model: string): ModelIdentity {
  const parts = basename(model).split("__");
  if (parts.length !== 3) {
    throw new RangeError(
      `Cannot use model ${model}: expected a folder named TRAINER__PLANS__CONFIGURATION`,
    );
  }
  const [trainer, plans, configuration] = parts;
  return { trainer, plans, configuration };
}

/**
 * Requires a list of models' folders, before the data set is looked for beside them.
 *
 * @throws {TypeError} If it is no list of paths.
 * @throws {RangeError} If it is empty, or a path is not that of a model, but of a fold for instance.
 */
export function requireModelFolders(models: unknown): asserts models is readonly string[] {
  const action = "choose a configuration";
  const example = "such as `trainer.modelFolder`";
  const list = `a list of models' folders, as [trainer.modelFolder]`;
  const path = { ...text, expected: `the path of a model's folder, ${example}` };
  requireList(models, path, action, "models", list);
  const folders = models as readonly string[];
  if (folders.length === 0) {
    throw new RangeError(`Cannot ${action}: found no trained model, expected at least one`);
  }
  for (const [index, folder] of folders.entries()) {
    const name = basename(folder);
    if (name.split("__").length === 3) continue;
    const found = foldOf(name) === undefined ? "" : ", a fold's folder";
    throw new RangeError(
      `Cannot ${action}: models[${index}] is ${folder}${found}, expected a folder named ` +
        `TRAINER__PLANS__CONFIGURATION, ${example}`,
    );
  }
}

/**
 * Returns the paths of the files that a model's folds predicted for their validation cases, by file
 * name.
 *
 * @param fileEnding `.nii.gz` for label maps, `.npz` for probabilities.
 * @throws {Error} If a fold was not validated or has no such file.
 * @throws {RangeError} If two folds have the same case.
 */
export async function validationFiles(
  model: string,
  folds: readonly number[],
  fileEnding: string,
): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const fold of folds) {
    const folder = join(model, fileNames.fold(fold), fileNames.validation);
    const names = await listFiles(folder, fileEnding).catch((cause) => {
      throw new Error(
        `Cannot collect the validation of ${model}: fold ${fold} was not validated, expected ` +
          `fold${folds.length === 1 ? "" : "s"} ${folds.join(", ")} to be trained and validated`,
        { cause },
      );
    });
    if (await isInterrupted(join(model, fileNames.fold(fold), fileNames.validationRecord))) {
      throw new ErrorWithRemedy(
        `Cannot collect the validation of ${model}: that of fold ${fold} was interrupted`,
        "finishValidation",
      );
    }
    if (names.length === 0) {
      throw new ErrorWithRemedy(
        `Cannot collect the validation of ${model}: found no ${fileEnding} files in ${folder}`,
        fileEnding === ".npz" ? "validateWithProbabilities" : undefined,
      );
    }
    for (const name of names) {
      if (files.has(name)) {
        throw new RangeError(
          `Cannot collect the validation of ${model}: ${name} is in fold ${fold} and in ` +
            `${files.get(name)}, expected each case in one fold only`,
        );
      }
      files.set(name, join(folder, name));
    }
  }
  return files;
}

/** Returns whether a validation was started by this library and not finished. */
async function isInterrupted(record: string): Promise<boolean> {
  return await exists(record) && !await CaseRecord.isFinished(record);
}

/** Formats folds like `0_1_2_3_4`. */
export function foldsName(folds: readonly number[]): string {
  return folds.join("_");
}
