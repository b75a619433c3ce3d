/** Collects and scores the validation predictions of all folds of a model. */

import { join } from "../platform/paths.ts";
import type { EvaluationSummary } from "../files/summary.ts";
import { copyFileAtomically } from "../files/copy_file.ts";
import { readDatasetJson } from "../files/dataset_file.ts";
import { fileNames } from "../files/paths.ts";
import { makeScoredFolder } from "./scored_folder.ts";
import { foldsName, validationFiles } from "./trained_model.ts";

/** Options of {@link accumulateCrossvalResults}. */
export interface CrossvalOptions {
  /** The model's folder, `…/TRAINER__PLANS__CONFIGURATION`. */
  readonly model: string;
  readonly folds: readonly number[];
  readonly groundTruth: string;
  /** Output folder, `crossval_results_folds_0_1_2_3_4` in the model's folder by default. */
  readonly output?: string;
  /** Replace existing results, true by default. */
  readonly overwrite?: boolean;
  /** Cases compared in parallel, one per core by default. */
  readonly workers?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** A folder of predictions and its scores. */
export interface ScoredPredictions {
  readonly folder: string;
  readonly summary: EvaluationSummary;
}

/**
 * Copies the label maps that the folds predicted for their validation cases to one folder, with the
 * model's plans, and scores them.
 *
 * @throws {Error} If a fold was not validated.
 * @throws {RangeError} If two folds have the same case, or a label map does not match its
 * reference.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/evaluation/accumulate_cv_results.py
 */
export async function accumulateCrossvalResults(
  options: CrossvalOptions,
): Promise<ScoredPredictions> {
  const { model, folds, output, ...scoring } = options;
  const dataset = await readDatasetJson(join(model, fileNames.dataset));
  const files = await validationFiles(model, folds, dataset.fileEnding);
  const folder = output ?? join(model, `crossval_results_folds_${foldsName(folds)}`);
  const summary = await makeScoredFolder({
    ...scoring,
    folder,
    model,
    datasetJson: dataset,
    sources: new Map([...files].map(([name, path]) => [name, [path]])),
    async fill(partial, names, finish) {
      for (const name of names) {
        scoring.signal?.throwIfAborted();
        await copyFileAtomically(files.get(name)!, join(partial, name));
        await finish(name);
      }
    },
  });
  return { folder, summary };
}
