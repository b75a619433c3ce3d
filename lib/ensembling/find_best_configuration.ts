/** Finds the model or ensemble with the best scores on the folds' validation cases. */

import { basename, join } from "../platform/paths.ts";
import { readDatasetJson } from "../files/dataset_file.ts";
import { requestedReader } from "../image/reader.ts";
import { fileNames } from "../files/paths.ts";
import { determinePostprocessing, improvableClasses } from "../postprocessing/determine.ts";
import type { PostprocessingDecision } from "../files/postprocessing.ts";
import { writeDecision } from "../postprocessing/write_decision.ts";
import { ensembleCrossvalResults, ensembleName } from "./crossval_ensemble.ts";
import { accumulateCrossvalResults } from "./crossval_results.ts";
import { validationFiles } from "./trained_model.ts";
import type { Voting } from "./voting.ts";

/** Options of {@link findBestConfiguration}. */
export interface FindBestOptions {
  /**
   * The models' folders, in the same parent folder, simpler ones first: the first of equal
   * candidates is chosen.
   */
  readonly models: readonly string[];
  /** Folder of ground-truth label maps. */
  readonly groundTruth: string;
  /** Folds to use, 0 to 4 by default. */
  readonly folds?: readonly number[];
  /** Largest number of models in an ensemble: 2 by default, which tries all pairs; 1 tries none. */
  readonly maxModels?: number;
  /** How members of ensembles vote, `soft` by default. */
  readonly voting?: Voting;
  /**
   * Whether to replace existing complete results, unless they were made from the same files; true by
   * default.
   */
  readonly overwrite?: boolean;
  /** Cases processed in parallel, one per core by default. */
  readonly workers?: number;
  /** Aborts the work; complete results are kept. */
  readonly signal?: AbortSignal;
  /** Called with the amount of finished work and of all work, in units of scoring one model. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** A model or an ensemble, and its score. */
export interface Candidate {
  /** The model folder's name, or nnU-Net's name for an ensemble of several. */
  readonly name: string;
  /** The models' folders. */
  readonly models: readonly string[];
  /** Folder of the predictions for the validation cases of all folds, with `summary.json`. */
  readonly folder: string;
  /** Mean foreground Dice; NaN if a class occurs in no case. */
  readonly score: number;
}

/** Result of {@link findBestConfiguration}. */
export interface BestConfiguration {
  /** All candidates: single models in their order, then pairs, then larger sets. */
  readonly candidates: readonly Candidate[];
  /** The candidate with the highest score. */
  readonly best: Candidate;
  /** Postprocessing that improves the best candidate's predictions. */
  readonly postprocessing: PostprocessingDecision;
  /** Path of the best candidate's `postprocessing.pkl`. */
  readonly postprocessingFile: string;
}

/** Approximate time to determine the postprocessing, relative to the work on one model. */
const POSTPROCESSING_SHARE = 4;

/**
 * Scores all models and their ensembles on the folds' validation cases, and determines
 * postprocessing for the best.
 *
 * Predictions and summaries are kept: a model's in its folder, an ensemble's in `ensembles` next to
 * the models.
 *
 * @throws {RangeError} If there is no model, or no candidate has a score.
 * @throws {Error} If a fold was not validated, or was validated without saving the probabilities
 * that ensembles need; this is checked first.
 * @throws The signal's reason, if it is aborted; complete results are kept.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/evaluation/find_best_configuration.py
 */
export async function findBestConfiguration(options: FindBestOptions): Promise<BestConfiguration> {
  const { models, folds = [0, 1, 2, 3, 4], maxModels = 2, voting = "soft", onProgress } = options;
  const sets = candidateSets(models, maxModels);
  await requireValidated(models, folds, sets.some((set) => set.length > 1));

  const costs = sets.map((set) => set.length === 1 ? 1 : 2);
  const total = costs.reduce((sum, cost) => sum + cost, POSTPROCESSING_SHARE);
  let done = 0;
  const share = (cost: number) => (part: number, of: number) =>
    onProgress?.(done + cost * part / of, total);
  const candidates: Candidate[] = [];
  for (const [index, set] of sets.entries()) {
    options.signal?.throwIfAborted();
    const common = { ...options, folds, onProgress: share(costs[index]) };
    const { folder, summary } = set.length === 1
      ? await accumulateCrossvalResults({ ...common, model: set[0] })
      : await ensembleCrossvalResults({ ...common, models: set, voting });
    const name = set.length === 1 ? basename(set[0]) : ensembleName(set, folds, voting);
    candidates.push({ name, models: set, folder, score: summary.foregroundMean.dice });
    done += costs[index];
    onProgress?.(done, total);
  }

  const best = bestOf(candidates);
  const postprocessing = await postprocess(best, options, share(POSTPROCESSING_SHARE));
  onProgress?.(total, total);
  return { candidates, best, ...postprocessing };
}

/** Returns the candidate with the highest score; the first, hence simplest, of equal ones. */
function bestOf(candidates: readonly Candidate[]): Candidate {
  const scored = candidates.filter(({ score }) => !Number.isNaN(score));
  if (scored.length === 0) {
    throw new RangeError(
      "Cannot choose a configuration: no candidate has a score, expected all classes to occur",
    );
  }
  return scored.reduce((best, each) => each.score > best.score ? each : best);
}

async function postprocess(
  { folder }: Candidate,
  { groundTruth, workers, signal }: FindBestOptions,
  onProgress: (done: number, total: number) => void,
) {
  const json = await readDatasetJson(join(folder, fileNames.dataset));
  const { labels, fileEnding } = json;
  const common = { predictions: folder, fileEnding, workers, signal };
  const decision = await determinePostprocessing({
    ...common,
    ...improvableClasses(labels),
    reader: requestedReader(json.overwriteImageReaderWriter),
    groundTruth,
    onProgress,
  });
  const file = await writeDecision({ ...common, decision, keepPostprocessed: true });
  return { postprocessing: decision, postprocessingFile: file };
}

/** Returns all single models, all pairs in order, and so on, up to `largest` models. */
export function candidateSets<T>(models: readonly T[], largest: number): T[][] {
  if (models.length === 0) {
    throw new RangeError(
      "Cannot choose a configuration: found no trained model, expected at least one",
    );
  }
  const sets: T[][] = [];
  let ofOneSize: number[][] = models.map((_, index) => [index]);
  for (let size = 1; size <= Math.min(largest, models.length); size++) {
    sets.push(...ofOneSize.map((set) => set.map((index) => models[index])));
    ofOneSize = ofOneSize.flatMap((set) => {
      const next = set[set.length - 1] + 1;
      return models.slice(next).map((_, offset) => [...set, next + offset]);
    });
  }
  return sets;
}

/** Checks that all validation files exist. */
async function requireValidated(
  models: readonly string[],
  folds: readonly number[],
  withProbabilities: boolean,
) {
  for (const model of models) {
    const { fileEnding } = await readDatasetJson(join(model, fileNames.dataset));
    await validationFiles(model, folds, fileEnding);
    if (withProbabilities) await validationFiles(model, folds, ".npz");
  }
}
