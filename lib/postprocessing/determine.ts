/** Determines which postprocessing raises Dice, from predictions with ground truth. */

import { join } from "../platform/paths.ts";
import { pairFiles } from "../evaluation/evaluate_folder.ts";
import { summarize } from "../evaluation/summary.ts";
import type { DatasetJson } from "../files/dataset.ts";
import { foregroundIntegers, foregroundOf, ignoreLabelOf } from "../files/dataset_labels.ts";
import type {
  CaseEvaluation,
  EvaluationSummary,
  LabelOrRegion,
  Overlap,
} from "../files/summary.ts";
import { runInWorkers } from "../runtime/worker_pool.ts";
import type { PostprocessApi, ScoredCase } from "./postprocess_worker.ts";
import type { PostprocessingDecision, PostprocessingStep } from "../files/postprocessing.ts";
import { workerAddress } from "../platform/workers.ts";
import { type KnownOptions, requireKnown } from "../options/require_known.ts";

/** Options of {@link determinePostprocessing}. */
export interface DeterminePostprocessingOptions {
  /** Folder of predicted label maps. */
  readonly predictions: string;
  /** Folder of ground-truth label maps with the same names. */
  readonly groundTruth: string;
  /** Ending of the label maps' names, such as `.nii.gz`; other files are skipped. */
  readonly fileEnding: string;
  /** Name of the reader to read label maps as; by default, nnU-Net's choice for the file ending. */
  readonly reader?: string;
  /** Labels or regions that are scored, in the order in which they are tried. */
  readonly labels: readonly LabelOrRegion[];
  /** All labels except background and ignore label. */
  readonly foregroundLabels: readonly number[];
  /** Label of reference voxels that are not scored; none by default. */
  readonly ignoreLabel?: number;
  /** Cases processed in parallel, one per core by default. */
  readonly workers?: number;
  /** Aborts the work. */
  readonly signal?: AbortSignal;
  /** Called with the number of scored cases and of all cases, each counted once per trial. */
  readonly onProgress?: (done: number, total: number) => void;
}

const determineOptions: KnownOptions<DeterminePostprocessingOptions> = {
  predictions: true,
  groundTruth: true,
  fileEnding: true,
  reader: true,
  labels: true,
  foregroundLabels: true,
  ignoreLabel: true,
  workers: true,
  signal: true,
  onProgress: true,
};

/** Returns the classes of a `dataset.json` as options of {@link determinePostprocessing}. */
export function improvableClasses(
  labels: DatasetJson["labels"],
): Pick<DeterminePostprocessingOptions, "labels" | "foregroundLabels" | "ignoreLabel"> {
  return {
    labels: foregroundOf(labels).map(({ value }) => value),
    foregroundLabels: foregroundIntegers(labels),
    ignoreLabel: ignoreLabelOf(labels),
  };
}

/**
 * Tries postprocessing steps as nnU-Net does and returns those that raise Dice.
 *
 * The first step keeps the largest component of the whole foreground: chosen if the foreground mean
 * rises and no class falls. With several classes, further steps keep the largest component of one
 * class each: chosen if its mean rises. Each step is tried after those already chosen.
 *
 * No files are written. All labels are tried in one pass over the files; regions, which may share
 * voxels, take one pass each.
 *
 * @param options The folders and the classes.
 * @returns The steps that raise Dice, with the scores before and after.
 * @throws As `evaluateFolder()`; references without a prediction are skipped.
 *
 * @example A prediction with a small wrong component
 * ```ts
 * import assert from "node:assert/strict";
 * import { determinePostprocessing, segmentationFrom, writeSegmentation } from "nnunet";
 *
 * const folder = await Deno.makeTempDir();
 * const [predictions, groundTruth] = [`${folder}/validation`, `${folder}/labelsTr`];
 * const grid = { shape: [1, 1, 5], spacing: [1, 1, 1] };
 * const [predicted, truth] = [Uint8Array.of(1, 1, 0, 0, 1), Uint8Array.of(1, 1, 0, 0, 0)];
 * await writeSegmentation(`${predictions}/a.nii.gz`, segmentationFrom(predicted, grid));
 * await writeSegmentation(`${groundTruth}/a.nii.gz`, segmentationFrom(truth, grid));
 * const { steps, before, after } = await determinePostprocessing({
 *   predictions,
 *   groundTruth,
 *   fileEnding: ".nii.gz",
 *   labels: [1],
 *   foregroundLabels: [1],
 * });
 * assert.deepEqual(steps, [{ keepLargest: [1] }]);
 * assert.equal(before.foregroundMean.dice, 0.8);
 * assert.equal(after.foregroundMean.dice, 1);
 * await Deno.remove(folder, { recursive: true });
 * ```
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/postprocessing/remove_connected_components.py
 */
export async function determinePostprocessing(
  options: DeterminePostprocessingOptions,
): Promise<PostprocessingDecision> {
  requireKnown(options, determineOptions, "determine postprocessing");
  const { labels, foregroundLabels } = options;
  options.signal?.throwIfAborted();
  const trial = await Trial.start(options);
  const before = await trial.tryOut([]);

  const steps: PostprocessingStep[] = [];
  const foreground = { keepLargest: foregroundLabels };
  const together = await trial.tryOut([foreground]);
  // As in nnU-Net, a mean of NaN compares as neither higher nor lower.
  const helps = together.foregroundMean.dice > before.foregroundMean.dice &&
    !together.mean.some(({ dice }, index) => dice < before.mean[index].dice);
  if (helps) steps.push(foreground);
  if (labels.length > 1) {
    for (const group of independentGroups(labels)) {
      steps.push(...await trial.improvements(group, steps));
    }
  }
  const after = steps.length === 0 ? before : await trial.tryOut(steps);
  trial.finish();
  return { steps, before, after };
}

/** Groups classes that can be tried in one pass: labels do not share voxels, regions may. */
function independentGroups(labels: readonly LabelOrRegion[]): (readonly LabelOrRegion[])[] {
  return labels.every((label) => typeof label === "number")
    ? [labels]
    : labels.map((label) => [label]);
}

/** Runs passes over all cases with different steps. */
class Trial {
  readonly #options: DeterminePostprocessingOptions;
  readonly #cases: readonly ScoredCase[];
  /** Upper bound of the number of cases in all passes. */
  readonly #total: number;
  #done = 0;

  private constructor(options: DeterminePostprocessingOptions, cases: readonly ScoredCase[]) {
    this.#options = options;
    this.#cases = cases;
    const { labels } = options;
    this.#total = (3 + (labels.length > 1 ? independentGroups(labels).length : 0)) * cases.length;
  }

  static async start(options: DeterminePostprocessingOptions): Promise<Trial> {
    const { predictions, groundTruth, reader, foregroundLabels, ignoreLabel } = options;
    const names = await pairFiles({ ...options, allowMissing: true });
    // For regions, other labels are background.
    const hasRegions = options.labels.some((label) => typeof label !== "number");
    const declaredLabels = hasRegions
      ? undefined
      : [0, ...foregroundLabels, ignoreLabel ?? []].flat();
    const cases = names.map((name) => ({
      referenceFile: join(groundTruth, name),
      predictionFile: join(predictions, name),
      reader,
      ignoreLabel,
      declaredLabels,
    }));
    return new Trial(options, cases);
  }

  async tryOut(steps: readonly PostprocessingStep[]): Promise<EvaluationSummary> {
    const { labels } = this.#options;
    const cases = await this.#pass((worker, each) =>
      worker.call("tryOut", [{ ...each, steps, labels }])
    );
    return this.#summarize(cases);
  }

  /** Returns steps for the classes whose mean rises. */
  async improvements(
    labels: readonly LabelOrRegion[],
    steps: readonly PostprocessingStep[],
  ): Promise<PostprocessingStep[]> {
    const cases = await this.#pass((worker, each) =>
      worker.call("tryEach", [{ ...each, steps, labels }])
    );
    const before = this.#summarize(cases.map((each) => each.before), labels);
    const after = this.#summarize(cases.map((each) => each.after), labels);
    return labels.flatMap((label, index) =>
      after.mean[index].dice > before.mean[index].dice ? [{ keepLargest: label }] : []
    );
  }

  finish() {
    this.#options.onProgress?.(this.#total, this.#total);
  }

  async #pass<T>(
    run: (
      worker: Parameters<Parameters<typeof runInWorkers<PostprocessApi, number>>[2]>[0],
      each: ScoredCase,
    ) => Promise<T>,
  ): Promise<T[]> {
    const { workers, signal, onProgress } = this.#options;
    const results = new Array<T>(this.#cases.length);
    await runInWorkers<PostprocessApi, number>(
      workerAddress("./postprocess_worker.ts", import.meta),
      [...this.#cases.keys()],
      async (worker, index) => {
        results[index] = await run(worker, this.#cases[index]);
        onProgress?.(++this.#done, this.#total);
      },
      { workers, signal },
    );
    return results;
  }

  #summarize(overlaps: readonly (readonly Overlap[])[], labels = this.#options.labels) {
    const cases: CaseEvaluation[] = overlaps.map((each, index) => ({
      referenceFile: this.#cases[index].referenceFile,
      predictionFile: this.#cases[index].predictionFile,
      overlaps: each,
    }));
    return summarize(labels, cases);
  }
}
