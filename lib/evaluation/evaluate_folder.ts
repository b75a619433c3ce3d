/** Compares a folder of predictions with a folder of references. */

import { join } from "@std/path";
import { sameShape } from "../array/nd_array.ts";
import { readSegmentation } from "../image/registry.ts";
import { compareLabels } from "./overlap.ts";
import {
  type CaseEvaluation,
  type EvaluationSummary,
  type LabelOrRegion,
  summarize,
} from "./summary.ts";

/** What to compare, and how. */
export interface EvaluateFolderOptions {
  /** Folder of reference segmentations. */
  readonly groundTruth: string;
  /** Folder of predicted segmentations, under the same file names. */
  readonly predictions: string;
  /** Labels and regions to score, usually without background. */
  readonly labels: readonly LabelOrRegion[];
  /** Voxels with this label in the reference do not count. */
  readonly ignoreLabel?: number;
  /** `.nii.gz`; files with other endings are passed over. */
  readonly fileEnding: string;
  /** Score the references that have a prediction and pass over the rest, as for one fold. */
  readonly allowMissing?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Pairs references and predictions by file name and scores every pair.
 *
 * @returns Cases in the order of their file names, and their averages.
 * @throws {Error} If a folder cannot be listed, a prediction has no reference, there is nothing to
 * compare, or (unless `allowMissing`) a reference has no prediction.
 * @throws {RangeError} If the two maps of a case differ in shape.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/evaluation/evaluate_predictions.py
 */
export async function evaluateFolder(options: EvaluateFolderOptions): Promise<EvaluationSummary> {
  const { groundTruth, predictions, labels, ignoreLabel, signal, onProgress } = options;
  const names = await pairFiles(options);
  const cases: CaseEvaluation[] = [];
  for (const name of names) {
    signal?.throwIfAborted();
    const referenceFile = join(groundTruth, name);
    const predictionFile = join(predictions, name);
    const [reference, prediction] = await Promise.all([
      readSegmentation(referenceFile),
      readSegmentation(predictionFile),
    ]);
    if (!sameShape(reference.geometry.shape, prediction.geometry.shape)) {
      throw new RangeError(
        `Cannot compare ${predictionFile} with ${referenceFile}: shape (z, y, x) is ` +
          `[${prediction.geometry.shape}], expected [${reference.geometry.shape}]`,
      );
    }
    const overlaps = compareLabels(reference.data, prediction.data, labels, ignoreLabel);
    cases.push({ referenceFile, predictionFile, overlaps });
    onProgress?.(cases.length, names.length);
  }
  return summarize(labels, cases);
}

/** File names that are in both folders, sorted. */
async function pairFiles(options: EvaluateFolderOptions): Promise<string[]> {
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
  if (predicted.length === 0) {
    throw new Error(
      `Cannot evaluate ${predictions}: found no file that ends with "${fileEnding}", ` +
        `expected at least one`,
    );
  }
  return predicted;
}

/** Names of a folder's files with an ending, sorted; hidden ones are no cases. */
async function listFiles(folder: string, fileEnding: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      if (!isDirectory && name.endsWith(fileEnding) && !name.startsWith(".")) names.push(name);
    }
  } catch (cause) {
    throw new Error(`Cannot list folder ${folder}: ${(cause as Error).message}`, { cause });
  }
  return names.sort();
}

function nameSome(names: readonly string[]): string {
  const some = names.slice(0, 5).join(", ");
  return names.length > 5 ? `${some} and ${names.length - 5} more` : some;
}
