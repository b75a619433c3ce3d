/** Merges models' predictions for the folds' validation cases into an ensemble's. */

import { basename, dirname, join } from "../platform/paths.ts";
import { readDatasetJson } from "../files/dataset_file.ts";
import { fileNames } from "../files/paths.ts";
import { headsOf } from "../model/heads.ts";
import type { CrossvalOptions, ScoredPredictions } from "./crossval_results.ts";
import { ensembleCases } from "./ensemble_cases.ts";
import { makeScoredFolder } from "./scored_folder.ts";
import { foldsName, validationFiles } from "./trained_model.ts";
import type { Voting } from "./voting.ts";

/** Options of {@link ensembleCrossvalResults}. */
export interface CrossvalEnsembleOptions
  extends Omit<CrossvalOptions, "model" | "output" | "onProgress"> {
  /** The models' folders, all in the same parent folder. */
  readonly models: readonly string[];
  readonly voting: Voting;
  /** Called after each case is merged and after each is scored. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Merges the probabilities that the models' folds predicted for their validation cases, writes the
 * results to a folder in `ensembles` next to the models, and scores them.
 *
 * @throws {Error} If a fold was validated without saving probabilities.
 * @throws {RangeError} If a model lacks a case, or as `ensembleCases()`.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/ensembling/ensemble.py
 */
export async function ensembleCrossvalResults(
  options: CrossvalEnsembleOptions,
): Promise<ScoredPredictions> {
  const { models, voting, folds, groundTruth, overwrite, workers, signal, onProgress } = options;
  const dataset = await readDatasetJson(join(models[0], fileNames.dataset));
  const files: Map<string, string>[] = [];
  for (const model of models) files.push(await validationFiles(model, folds, ".npz"));
  const cases = [...new Set(files.flatMap((each) => [...each.keys()]))].sort();
  for (const [index, model] of models.entries()) {
    const missing = cases.find((name) => !files[index].has(name));
    if (missing !== undefined) {
      throw new RangeError(
        `Cannot ensemble ${models.map((each) => basename(each)).join(", ")}: no fold of ` +
          `${model} has ${missing}, expected all models to predict the same cases`,
      );
    }
  }
  const total = 2 * cases.length;
  const labelMap = (name: string) => name.slice(0, -".npz".length) + dataset.fileEnding;
  const folder = join(dirname(models[0]), "ensembles", ensembleName(models, folds, voting));
  const summary = await makeScoredFolder({
    folder,
    model: models[0],
    datasetJson: dataset,
    groundTruth,
    sources: new Map(
      cases.map((name) => [labelMap(name), files.map((each) => each.get(name)!)]),
    ),
    fill: (partial, names, finish) =>
      ensembleCases({
        cases: cases.filter((name) => names.includes(labelMap(name))).map((name) => ({
          name,
          members: files.map((each) => each.get(name)!),
          output: join(partial, labelMap(name)),
        })),
        heads: headsOf(dataset),
        voting,
        workers,
        signal,
        onCase: (name) => finish(labelMap(name)),
        onProgress: (done) => onProgress?.(cases.length - names.length + done, total),
      }),
    overwrite,
    workers,
    signal,
    onProgress: (done) => onProgress?.(cases.length + done, total),
  });
  onProgress?.(total, total);
  return { folder, summary };
}

/** Returns nnU-Net's name of an ensemble, marked for hard voting, which nnU-Net does not have. */
export function ensembleName(
  models: readonly string[],
  folds: readonly number[],
  voting: Voting,
): string {
  const kind = voting === "soft" ? "ensemble" : `ensemble_${voting}`;
  return [kind, ...models.map((model) => basename(model)), foldsName(folds)].join("___");
}
