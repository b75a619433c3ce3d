/** How labels follow from logits or probabilities, head by head, so that no one holds all heads. */

import type { Labels } from "../array/labels.ts";
import type { Heads } from "../model/heads.ts";

/** Decides labels from what a network or an ensemble says of each voxel. */
export interface LabelRule {
  /** The highest label that it can decide on. */
  readonly highestLabel: number;
  /**
   * Begins with voxels that nothing is known of yet.
   *
   * @param labels One a voxel, to be filled: final after the last head.
   */
  readonly decide: (labels: Labels) => HeadTaker;
}

/**
 * Takes a head's values of some voxels.
 *
 * @param head Ascending: all voxels of one head before the next.
 * @param values One a voxel, logits or probabilities.
 * @param begin Index of the first of the voxels; 0 by default.
 */
export type HeadTaker = (head: number, values: Float32Array, begin?: number) => void;

/** What a head's values are: logits, or probabilities from 0 to 1. */
export type HeadValues = "logits" | "probabilities";

/**
 * nnU-Net's rule: the label with the largest value, or every region that is more likely than not.
 *
 * @param heads What the heads stand for.
 * @param values What they say.
 */
export function labelRuleOf({ count, regions }: Heads, values: HeadValues): LabelRule {
  if (!regions) return largestWins(count);
  // A sigmoid is above one half where its logit is above zero.
  return likelyRegions(
    regions.map(({ outputLabel }) => outputLabel),
    values === "logits" ? 0 : 0.5,
  );
}

/** The head with the largest value is the label; of equal ones the first. */
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
 * Every region whose value is above a threshold gets its label, over those of the regions before it.
 *
 * @param regionsClassOrder The label of each region, in the order of the heads.
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
