/**
 * Reads `inference_information.json`, which names the best models and how to predict with them.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/evaluation/find_best_configuration.py
 */

import { z } from "../packages/zod.ts";
import { fileNames, modelFolderName } from "../files/paths.ts";
import { ErrorWithRemedy } from "../options/error_with_remedy.ts";
import { exists } from "../platform/files.ts";
import { basename, dirname, join } from "../platform/paths.ts";
import { readJson } from "../platform/read_text.ts";
import { requireFileName } from "../untrusted/file_name.ts";
import { schemaProblems } from "../untrusted/schema_problems.ts";
import type { Candidate } from "./find_best_configuration.ts";
import type { Voting } from "./voting.ts";

const schema = z.object({
  folds: z.array(z.int().nonnegative()).min(1),
  all_results: z.record(z.string(), z.number().nullable()),
  best_model_or_ensemble: z.object({
    result_on_crossval_pre_pp: z.number().nullable(),
    postprocessing_file: z.string(),
    some_plans_file: z.string(),
    selected_model_or_models: z.array(z.object({
      configuration: z.string(),
      trainer: z.string(),
      plans_identifier: z.string(),
    })).min(1),
  }),
  voting: z.enum(["soft", "hard", "max"]).optional(),
});

/** The best models. */
export interface ChosenModels {
  readonly best: Candidate;
  /** Scores of all candidates, by their names. */
  readonly scores: Readonly<Record<string, number>>;
  readonly folds: readonly number[];
  readonly voting: Voting;
  /** Path of the file with the postprocessing. */
  readonly postprocessingFile: string;
}

/**
 * Reads which models are the best, as `findBestConfiguration()` or nnU-Net found.
 *
 * @param folder The data set's folder in `nnUNet_results`, which may have been moved since.
 * @throws {ErrorWithRemedy} If the models were not compared.
 * @throws {TypeError} If the file's contents are invalid.
 */
export async function readInferenceInformation(folder: string): Promise<ChosenModels> {
  const path = join(folder, fileNames.inferenceInformation);
  if (!await exists(path)) {
    throw new ErrorWithRemedy(
      `Cannot predict with the best models of ${folder}: it has no ${fileNames.inferenceInformation}`,
      "findBest",
    );
  }
  const parsed = schema.safeParse(await readJson(path));
  if (!parsed.success) throw new TypeError(`Cannot read ${path}: ${schemaProblems(parsed.error)}`);
  const { folds, all_results: results, best_model_or_ensemble: best, voting = "soft" } =
    parsed.data;
  const models = best.selected_model_or_models.map(
    ({ trainer, plans_identifier, configuration }) => {
      const name = modelFolderName(trainer, plans_identifier, configuration);
      requireFileName(name, `Cannot read ${path}: the model`);
      return join(folder, name);
    },
  );
  const score = best.result_on_crossval_pre_pp ?? NaN;
  const scores = Object.fromEntries(
    Object.entries(results).map(([name, score]) => [name, score ?? NaN]),
  );
  const name = Object.keys(scores).find((name) => scores[name] === score) ??
    models.map((model) => basename(model)).join(" and ");
  return {
    best: { name, models, folder: dirname(await found(best.some_plans_file, folder)), score },
    scores,
    folds,
    voting,
    postprocessingFile: await found(best.postprocessing_file, folder),
  };
}

/** Returns a path in the results, wherever their folder is now. */
async function found(path: string, folder: string): Promise<string> {
  if (await exists(path)) return path;
  const parts = path.split(/[/\\]/);
  const at = parts.lastIndexOf(basename(folder));
  return at === -1 ? path : join(folder, ...parts.slice(at + 1));
}
