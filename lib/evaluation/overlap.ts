/** Voxel counts of agreement between a reference and a prediction, with Dice and IoU. */

import type { LabelOrRegion, Overlap } from "./summary.ts";

/** Labels, one a voxel. */
type LabelMap = Uint8Array | Uint16Array;

/**
 * Compares two label maps, label by label or region by region.
 *
 * One pass over the voxels counts how often each pair of labels meets; every measure is a sum over
 * those pairs, however many labels there are.
 *
 * @param reference Labels, any shape in C order.
 * @param prediction Labels, same length.
 * @param labels Labels and regions (lists of labels) to compare.
 * @param ignoreLabel Voxels that have it in the reference are left out of every count.
 * @returns One overlap per entry of `labels`.
 * @throws {TypeError} If the two maps differ in length.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/evaluation/evaluate_predictions.py
 *
 * @example A prediction that misses one of two voxels
 * ```ts
 * const [overlap] = compareLabels(Uint8Array.of(0, 1, 1), Uint8Array.of(0, 0, 1), [1]);
 * assert.equal(overlap.dice, 2 / 3);
 * ```
 */
export function compareLabels(
  reference: LabelMap,
  prediction: LabelMap,
  labels: readonly LabelOrRegion[],
  ignoreLabel?: number,
): Overlap[] {
  if (reference.length !== prediction.length) {
    throw new TypeError(
      `Cannot compare label maps: prediction has ${prediction.length} voxels, ` +
        `expected the reference's ${reference.length}`,
    );
  }
  // Labels nobody asked for share index 0, which keeps the table small for any label values.
  const asked = [...new Set(labels.flat())];
  const indexOf = new Uint16Array(1 << 16);
  asked.forEach((label, index) => indexOf[label] = index + 1);
  const size = asked.length + 1;
  const referenceIndexOf = indexOf.slice();
  if (ignoreLabel !== undefined) referenceIndexOf[ignoreLabel] = size; // A last row, never summed.

  const pairs = new Float64Array((size + 1) * size); // (reference index, prediction index)
  for (let voxel = 0; voxel < reference.length; voxel++) {
    pairs[referenceIndexOf[reference[voxel]] * size + indexOf[prediction[voxel]]]++;
  }

  return labels.map((label) => {
    const members = new Set([label].flat().map((each) => indexOf[each]));
    let truePositives = 0, falsePositives = 0, falseNegatives = 0, trueNegatives = 0;
    for (let inReference = 0; inReference < size; inReference++) {
      for (let inPrediction = 0; inPrediction < size; inPrediction++) {
        const count = pairs[inReference * size + inPrediction];
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

/** The measures that follow from the four counts. */
function overlapOf(
  truePositives: number,
  falsePositives: number,
  falseNegatives: number,
  trueNegatives: number,
): Overlap {
  return {
    // 0 / 0 is the NaN of a class that is in neither mask.
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
