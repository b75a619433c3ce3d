/** Counts agreement between a reference and a prediction, and computes Dice and IoU. */

import type { Labels } from "../array/labels.ts";
import type { LabelOrRegion, Overlap } from "../files/summary.ts";

/** Joint counts of reference labels and predicted labels. */
export interface LabelPairs {
  readonly labels: readonly number[];
  /**
   * Numbers of voxels, (reference label, predicted label), in the order of `labels`; the last row
   * and column count all other labels.
   */
  readonly counts: Float64Array;
}

/**
 * Counts pairs of labels in a single pass, for any number of labels.
 *
 * @param reference Labels of any shape, in C order.
 * @param prediction Labels of the same length.
 * @param labels Labels to count separately.
 * @param ignoreLabel Voxels with this label in the reference are not counted.
 * @throws {TypeError} If the two maps differ in length.
 */
export function countLabelPairs(
  reference: Labels<ArrayBufferLike>,
  prediction: Labels<ArrayBufferLike>,
  labels: readonly number[],
  ignoreLabel?: number,
): LabelPairs {
  if (reference.length !== prediction.length) {
    throw new TypeError(
      `Cannot compare label maps: prediction has ${prediction.length} voxels, ` +
        `expected the reference's ${reference.length}`,
    );
  }
  const size = labels.length + 1;
  const columnOf = new Uint16Array(1 << 16).fill(labels.length);
  labels.forEach((label, index) => columnOf[label] = index);
  const rowOf = columnOf.slice();
  if (ignoreLabel !== undefined) rowOf[ignoreLabel] = size; // An extra row, dropped below.

  const counts = new Float64Array((size + 1) * size);
  for (let voxel = 0; voxel < reference.length; voxel++) {
    counts[rowOf[reference[voxel]] * size + columnOf[prediction[voxel]]]++;
  }
  return { labels, counts: counts.slice(0, size * size) };
}

/**
 * Computes the agreement of labels and regions from pairs of labels.
 *
 * @param labels Labels and regions (lists of labels), all among the counted labels.
 * @returns One overlap per entry of `labels`.
 */
export function overlapsOf(pairs: LabelPairs, labels: readonly LabelOrRegion[]): Overlap[] {
  const size = pairs.labels.length + 1;
  return labels.map((label) => {
    const members = new Set([label].flat().map((each) => pairs.labels.indexOf(each)));
    let truePositives = 0, falsePositives = 0, falseNegatives = 0, trueNegatives = 0;
    for (let inReference = 0; inReference < size; inReference++) {
      for (let inPrediction = 0; inPrediction < size; inPrediction++) {
        const count = pairs.counts[inReference * size + inPrediction];
        if (members.has(inReference)) {
          if (members.has(inPrediction)) truePositives += count;
          else falseNegatives += count;
        } else if (members.has(inPrediction)) falsePositives += count;
        else trueNegatives += count;
      }
    }
    return overlapOf(truePositives, falsePositives, falseNegatives, trueNegatives);
  });
}

/**
 * Compares two label maps, label by label or region by region.
 *
 * @param reference Labels of any shape, in C order.
 * @param prediction Labels of the same length.
 * @param labels Labels and regions (lists of labels) to compare.
 * @param ignoreLabel Voxels with this label in the reference are not counted.
 * @returns One overlap per entry of `labels`.
 * @throws {TypeError} If the two maps differ in length.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/evaluation/evaluate_predictions.py
 *
 * @example A prediction that misses one of two voxels
 * ```ts
 * import assert from "node:assert/strict";
 * import { compareLabels } from "nnunet/parts";
 *
 * const [overlap] = compareLabels(Uint8Array.of(0, 1, 1), Uint8Array.of(0, 0, 1), [1]);
 * assert.equal(overlap.dice, 2 / 3);
 * ```
 */
export function compareLabels(
  reference: Labels<ArrayBufferLike>,
  prediction: Labels<ArrayBufferLike>,
  labels: readonly LabelOrRegion[],
  ignoreLabel?: number,
): Overlap[] {
  const counted = [...new Set(labels.flat())];
  return overlapsOf(countLabelPairs(reference, prediction, counted, ignoreLabel), labels);
}

/** Computes the measures from the four counts. */
export function overlapOf(
  truePositives: number,
  falsePositives: number,
  falseNegatives: number,
  trueNegatives: number,
): Overlap {
  return {
    // 0 / 0 gives NaN for a class that is in neither mask.
    dice: 2 * truePositives / (2 * truePositives + falsePositives + falseNegatives),
    iou: truePositives / (truePositives + falsePositives + falseNegatives),
    truePositives,
    falsePositives,
    falseNegatives,
    trueNegatives,
    predicted: truePositives + falsePositives,
    reference: truePositives + falseNegatives,
  };
}
