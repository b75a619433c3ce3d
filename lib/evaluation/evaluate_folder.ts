/** Compares a folder of predictions with a folder of references. */

import { join } from "../platform/paths.ts";
import type { Problem } from "../dataset/check_case.ts";
import { runCases } from "../dataset/run_cases.ts";
import { warningLines } from "../dataset/warning_lines.ts";
import type { IgnoredFile } from "../image/ignored_file.ts";
import { listFiles, listIgnored, requireFiles } from "../files/list_files.ts";
import { nameSome } from "../files/some_names.ts";
import type { CaseDetails, EvaluationDetails } from "../files/details.ts";
import { summarizeDetails } from "./details.ts";
import type { EvaluateApi, EvaluateJob } from "./evaluate_worker.ts";
import { summarize } from "./summary.ts";
import type { CaseEvaluation, EvaluationSummary, LabelOrRegion } from "../files/summary.ts";
import { workerAddress } from "../platform/workers.ts";
import { type KnownOptions, requireKnown } from "../options/require_known.ts";

/** Options of {@link evaluateFolder}. */
export interface EvaluateFolderOptions {
  /** Folder of reference segmentations. */
  readonly groundTruth: string;
  /** Folder of predicted segmentations, under the same file names. */
  readonly predictions: string;
  /** Labels and regions to score, usually without background. */
  readonly labels: readonly LabelOrRegion[];
  /** Label of reference voxels that are not scored; none by default. */
  readonly ignoreLabel?: number;
  /** All labels that a map may have, including background and ignore label; any by default. */
  readonly declaredLabels?: readonly number[];
  /** File ending, such as `.nii.gz`; other files are ignored. */
  readonly fileEnding: string;
  /**
   * Name of the reader to read label maps as; by default, nnU-Net's choice for the file ending. With
   * one that reorients, references and predictions may be stored with different axes.
   */
  readonly reader?: string;
  /** Whether to ignore references without a prediction, as for a single fold; false by default. */
  readonly allowMissing?: boolean;
  /** Number of cases compared in parallel; one per processor by default. */
  readonly workers?: number;
  /** Aborts the evaluation. */
  readonly signal?: AbortSignal;
  /** Called with the number of finished cases and of all cases. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Called with the files of the folders that are not taken, and why, if there are any. */
  readonly onIgnored?: (ignored: readonly IgnoredFile[]) => void;
  /**
   * Called with what may not be as intended, such as predictions whose spacing, origin or direction
   * differs from the reference's. They are scored voxel by voxel nevertheless, as by nnU-Net.
   */
  readonly onWarning?: (message: string) => void;
}

/** Options of {@link evaluateFolderInDetail}. */
export interface EvaluateDetailsOptions extends EvaluateFolderOptions {
  /** Surface Dice tolerance in mm, for all labels and regions or one each; 1 mm by default. */
  readonly tolerance?: number | readonly number[];
}

const folderOptions: KnownOptions<EvaluateFolderOptions> = {
  groundTruth: true,
  predictions: true,
  labels: true,
  ignoreLabel: true,
  declaredLabels: true,
  fileEnding: true,
  reader: true,
  allowMissing: true,
  workers: true,
  signal: true,
  onProgress: true,
  onIgnored: true,
  onWarning: true,
};

/**
 * Pairs references and predictions by file name and scores the pairs in parallel.
 *
 * @param options The folders, and what to score.
 * @returns Cases in the order of their file names, and their averages.
 * @throws {TypeError} If an option is unknown.
 * @throws {Error} If a folder cannot be listed, a prediction has no reference, there is nothing to
 * compare, or (unless `allowMissing`) a reference has no prediction.
 * @throws {FailedCasesError} If label maps cannot be read, differ in shape or have undeclared labels;
 * it names all of them.
 * @throws The signal's reason, if it is aborted.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/evaluation/evaluate_predictions.py
 *
 * @example One predicted voxel of three
 * ```ts
 * import assert from "node:assert/strict";
 * import { evaluateFolder, segmentationFrom, writeSegmentation } from "nnunet";
 *
 * const folder = await Deno.makeTempDir();
 * const grid = { shape: [1, 2, 2], spacing: [3, 1, 1] };
 * const truth = segmentationFrom(Uint8Array.of(0, 1, 1, 1), grid);
 * const prediction = segmentationFrom(Uint8Array.of(0, 0, 0, 1), grid);
 * await writeSegmentation(`${folder}/truth/a.nii.gz`, truth);
 * await writeSegmentation(`${folder}/predictions/a.nii.gz`, prediction);
 * const { foregroundMean } = await evaluateFolder({
 *   groundTruth: `${folder}/truth`,
 *   predictions: `${folder}/predictions`,
 *   labels: [1],
 *   fileEnding: ".nii.gz",
 * });
 * assert.equal(foregroundMean.dice, 0.5);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function evaluateFolder(options: EvaluateFolderOptions): Promise<EvaluationSummary> {
  requireKnown(options, folderOptions, "evaluate");
  return summarize(options.labels, await compareCases(options, undefined));
}

/**
 * Evaluates like {@link evaluateFolder} and also compares surfaces, volumes and label confusion, which
 * takes longer.
 *
 * @param options The folders, what to score, and the tolerance of the surface Dice.
 * @returns The summary that {@link evaluateFolder} returns, and the details.
 * @throws As {@link evaluateFolder}.
 * @throws {RangeError} Also if a tolerance is below 0, or their number is neither one nor that of
 * labels and regions.
 *
 * @example Two missed voxels of 3 mm³ each
 * ```ts
 * import assert from "node:assert/strict";
 * import { evaluateFolderInDetail, segmentationFrom, writeSegmentation } from "nnunet";
 *
 * const folder = await Deno.makeTempDir();
 * const grid = { shape: [1, 2, 2], spacing: [3, 1, 1] };
 * const truth = segmentationFrom(Uint8Array.of(0, 1, 1, 1), grid);
 * const prediction = segmentationFrom(Uint8Array.of(0, 0, 0, 1), grid);
 * await writeSegmentation(`${folder}/truth/a.nii.gz`, truth);
 * await writeSegmentation(`${folder}/predictions/a.nii.gz`, prediction);
 * const { details } = await evaluateFolderInDetail({
 *   groundTruth: `${folder}/truth`,
 *   predictions: `${folder}/predictions`,
 *   labels: [1],
 *   fileEnding: ".nii.gz",
 * });
 * assert.equal(details.mean[0].volumeDifference, -6);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function evaluateFolderInDetail(
  options: EvaluateDetailsOptions,
): Promise<{ readonly summary: EvaluationSummary; readonly details: EvaluationDetails }> {
  requireKnown(options, { ...folderOptions, tolerance: true }, "evaluate");
  const { labels, ignoreLabel, tolerance = 1 } = options;
  const tolerances = typeof tolerance === "number" ? labels.map(() => tolerance) : tolerance;
  if (tolerances.length !== labels.length || !tolerances.every((each) => each >= 0)) {
    throw new RangeError(
      `Cannot evaluate ${options.predictions}: tolerance is ${tolerances.join(", ")} mm, ` +
        `expected one of at least 0, or ${labels.length}, one per label or region`,
    );
  }
  const confusionLabels = options.declaredLabels?.filter((label) => label !== ignoreLabel) ??
    [...new Set([0, ...labels.flat()])];
  const cases = await compareCases(options, { tolerances, confusionLabels });
  return {
    summary: summarize(labels, cases),
    details: summarizeDetails(
      cases.map(({ details, referenceFile, predictionFile }) => ({
        referenceFile,
        predictionFile,
        ...details!,
      })),
      { labels, ignoreLabel, tolerances, confusionLabels },
    ),
  };
}

/** A case as its worker returns it. */
type ComparedCase = CaseEvaluation & {
  readonly details?: Omit<CaseDetails, "referenceFile" | "predictionFile">;
};

async function compareCases(
  options: EvaluateFolderOptions,
  details: EvaluateJob["details"],
): Promise<ComparedCase[]> {
  const { groundTruth, predictions, labels, ignoreLabel, declaredLabels } = options;
  const { reader, workers, signal, onProgress } = options;
  signal?.throwIfAborted();
  const names = await pairFiles(options);
  const unpredicted = (await listFiles(groundTruth, options.fileEnding))
    .filter((name) => !names.includes(name))
    .map((name) => ({ path: join(groundTruth, name), reason: "a reference without a prediction" }));
  const others = await Promise.all(
    [groundTruth, predictions].map((folder) => listIgnored(folder, [options.fileEnding])),
  );
  const ignored = [...unpredicted, ...others.flat()];
  if (ignored.length > 0) options.onIgnored?.(ignored);
  const cases = new Array<ComparedCase>(names.length);
  const warnings = new Array<readonly Problem[]>(names.length);
  let done = 0;
  await runCases<EvaluateApi, { readonly name: string; readonly index: number }>(
    workerAddress("./evaluate_worker.ts", import.meta),
    names.map((name, index) => ({ name, index })),
    async (worker, { index }) => {
      const referenceFile = join(groundTruth, names[index]);
      const predictionFile = join(predictions, names[index]);
      const files = { referenceFile, predictionFile, reader };
      const job = { ...files, labels, ignoreLabel, declaredLabels, details };
      const { differences, ...compared } = await worker.call("evaluate", [job]);
      cases[index] = { referenceFile, predictionFile, ...compared };
      warnings[index] = differences.map(({ kind, message }) => ({
        severity: "warning",
        kind,
        case: names[index].slice(0, -options.fileEnding.length),
        file: predictionFile,
        message: `${message} as the reference has`,
      }));
    },
    { action: "evaluate", workers, signal, onDone: () => onProgress?.(++done, names.length) },
  );
  for (const line of warningLines(warnings.flat())) {
    options.onWarning?.(`${line}; voxels are compared by their indices nevertheless`);
  }
  return cases;
}

/**
 * Returns the sorted names of files that are in both the folder of references and of predictions.
 *
 * @throws {Error} In the same cases as {@link evaluateFolder}, before any file is read.
 */
export async function pairFiles(
  options: Pick<
    EvaluateFolderOptions,
    "groundTruth" | "predictions" | "fileEnding" | "allowMissing"
  >,
): Promise<string[]> {
  const { groundTruth, predictions, fileEnding, allowMissing } = options;
  const [expected, predicted] = await Promise.all([
    listFiles(groundTruth, fileEnding),
    listFiles(predictions, fileEnding),
  ]);
  const missing = expected.filter((name) => !predicted.includes(name));
  if (missing.length > 0 && !allowMissing) {
    throw new Error(
      `Cannot evaluate ${predictions}: ${missing.length} of ${expected.length} predictions are ` +
        `missing, expected ${nameSome(missing)}`,
    );
  }
  const unknown = predicted.filter((name) => !expected.includes(name));
  if (unknown.length > 0) {
    throw new Error(
      `Cannot evaluate ${predictions}: ${unknown.length} of ${predicted.length} predictions have ` +
        `no reference, expected ${nameSome(unknown)} in ${groundTruth}`,
    );
  }
  return requireFiles(predicted, `Cannot evaluate ${predictions}`, fileEnding);
}
