/**
 * Decides labels from logits or probabilities, one head after another, so that the values of all
 * heads are never needed at once.
 */

import type { Labels } from "../array/labels.ts";
import type { Heads } from "../model/heads.ts";

/** Decides each voxel's label from the values of a network's or an ensemble's heads. */
export interface LabelRule {
  /** The highest label that the rule can assign. */
  readonly highestLabel: number;
  /**
   * Starts deciding the labels of some voxels.
   *
   * @param labels One label per voxel, to be filled; final after the last head.
   * @returns The function to call with each head's values.
   */
  readonly decide: (labels: Labels) => HeadTaker;
}

/**
 * Takes a head's values at consecutive voxels. A voxel's values must arrive in the order of the
 * heads, beginning with head 0.
 *
 * @param head Index of the head.
 * @param values One logit or probability per voxel.
 * @param begin Index of the first of these voxels among the labels; 0 by default.
 */
export type HeadTaker = (head: number, values: Float32Array, begin?: number) => void;

/** Whether a head's values are logits, or probabilities from 0 to 1. */
export type HeadValues = "logits" | "probabilities";

/**
 * Returns nnU-Net's rule for a network's heads. Without regions, a voxel gets the label with the
 * largest value. With regions, it gets the output label of the last region that is more likely than
 * not, or background.
 *
 * @param heads What the heads stand for.
 * @param values Whether the values are logits or probabilities.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/utilities/label_handling/label_handling.py
 */
export function labelRuleOf({ count, regions }: Heads, values: HeadValues): LabelRule {
  if (!regions) return largestWins(count);
  // A sigmoid is above one half where its logit is above zero.
  return likelyRegions(
    regions.map(({ outputLabel }) => outputLabel),
    values === "logits" ? 0 : 0.5,
  );
}

/** The label is the head with the largest value; the first one if several are equal. */
function largestWins(count: number): LabelRule {
  return {
    highestLabel: count - 1,
    decide(labels) {
      const largest = new Float32Array(labels.length);
      return (head, values, begin = 0) => {
        const soFar = largest.subarray(begin, begin + values.length);
        const mine = labels.subarray(begin, begin + values.length);
        if (head === 0) {
          soFar.set(values);
          mine.fill(0);
          return;
        }
        for (let i = 0; i < values.length; i++) {
          if (values[i] > soFar[i]) {
            soFar[i] = values[i];
            mine[i] = head;
          }
        }
      };
    },
  };
}

/**
 * Every region whose value is above the threshold assigns its label; later regions overwrite
 * earlier ones.
 *
 * @param regionsClassOrder The output label of each region, in the order of the heads.
 */
function likelyRegions(regionsClassOrder: readonly number[], threshold: number): LabelRule {
  return {
    highestLabel: Math.max(...regionsClassOrder),
    decide: (labels) => (head, values, begin = 0) => {
      const mine = labels.subarray(begin, begin + values.length);
      if (head === 0) mine.fill(0);
      const label = regionsClassOrder[head];
      for (let i = 0; i < values.length; i++) if (values[i] > threshold) mine[i] = label;
    },
  };
}
