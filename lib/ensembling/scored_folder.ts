/** Writes folders of predictions with their scores. */

import { join } from "../platform/paths.ts";
import { evaluateFolder } from "../evaluation/evaluate_folder.ts";
import { scoredClasses } from "../evaluation/scored_classes.ts";
import { withPredictionsIn } from "../evaluation/summary.ts";
import type { EvaluationSummary } from "../files/summary.ts";
import { copyFileAtomically } from "../files/copy_file.ts";
import type { DatasetJson } from "../files/dataset.ts";
import { fileNames } from "../files/paths.ts";
import { readSummary, writeSummary } from "../files/summary_file.ts";
import { writeFolderAtomically } from "../platform/atomic_folder.ts";
import { exists } from "../platform/files.ts";

/** Options of {@link makeScoredFolder}. */
export interface ScoredFolderOptions {
  readonly folder: string;
  /** Folder to copy `plans.json` and `dataset.json` from. */
  readonly model: string;
  readonly datasetJson: DatasetJson;
  readonly groundTruth: string;
  /** Names of the label maps in the folder. */
  readonly names: readonly string[];
  /** Writes the label maps to a folder. */
  readonly fill: (folder: string) => Promise<void>;
  /** Whether to replace an existing complete folder; true by default. */
  readonly overwrite?: boolean;
  readonly workers?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Fills a folder with predictions, scores them and adds `summary.json`. The folder is written
 * completely or not at all.
 *
 * @throws What `fill` and `evaluateFolder()` throw.
 */
export async function makeScoredFolder(options: ScoredFolderOptions): Promise<EvaluationSummary> {
  const { folder, model, datasetJson, groundTruth, names, fill, overwrite = true } = options;
  const { workers, signal, onProgress } = options;
  if (!overwrite && await isComplete(folder, names)) {
    return await readSummary(join(folder, fileNames.summary));
  }
  let scored: EvaluationSummary | undefined;
  await writeFolderAtomically(folder, async (partial) => {
    await fill(partial);
    const summary = await evaluateFolder({
      predictions: partial,
      groundTruth,
      fileEnding: datasetJson.fileEnding,
      allowMissing: true,
      ...scoredClasses(datasetJson.labels),
      workers,
      signal,
      onProgress,
    });
    scored = withPredictionsIn(summary, folder);
    await writeSummary(join(partial, fileNames.summary), scored);
    for (const name of [fileNames.resultPlans, fileNames.dataset]) {
      await copyFileAtomically(join(model, name), join(partial, name));
    }
  }, { overwrite: true });
  return scored!;
}

/**
 * Returns whether a folder has a summary and all label maps, since cases may have been added after
 * the summary was written.
 */
async function isComplete(folder: string, names: readonly string[]): Promise<boolean> {
  for (const name of [fileNames.summary, ...names]) {
    if (!await exists(join(folder, name))) return false;
  }
  return true;
}
