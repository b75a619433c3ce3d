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
 * A head with a threshold differs: its region is everywhere where its probability is above that. Its
 * label is there as well, whatever the values of other heads, and nowhere else; of several such
 * labels, the most likely one.
 *
 * @param heads What the heads stand for.
 * @param values Whether the values are logits or probabilities.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/utilities/label_handling/label_handling.py
 */
export function labelRuleOf(
  { count, regions, thresholds = [] }: Heads,
  values: HeadValues,
): LabelRule {
  const hasThresholds = thresholds.some((threshold) => threshold !== undefined);
  if (!regions) {
    return hasThresholds ? aboveThreshold(count, thresholds, values) : largestWins(count);
  }
  // A sigmoid is above one half where its logit is above zero.
  return likelyRegions(
    regions.map(({ outputLabel }) => outputLabel),
    regions.map((_, head) => {
      const threshold = thresholds[head] ?? 0.5;
      return values === "logits" ? Math.log(threshold / (1 - threshold)) : threshold;
    }),
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
 * Labels with a threshold are where their probability is above it; elsewhere, the label is the head
 * with the largest value among those without a threshold, or background if there are none.
 *
 * @param thresholds Threshold of each head, if it has one.
 */
function aboveThreshold(
  count: number,
  thresholds: readonly (number | undefined)[],
  kind: HeadValues,
): LabelRule {
  return {
    highestLabel: count - 1,
    decide(labels) {
      const largest = new Float32Array(labels.length); // Of heads without a threshold.
      const sums = kind === "logits" ? new RunningLogSum(labels.length) : undefined;
      const kept = thresholds.map((threshold) =>
        threshold === undefined ? undefined : new Float32Array(labels.length)
      );
      return (head, values, begin = 0) => {
        const end = begin + values.length;
        const mine = labels.subarray(begin, end);
        if (head === 0) {
          mine.fill(0);
          largest.fill(-Infinity, begin, end);
          sums?.clear(begin, end);
        }
        sums?.add(values, begin);
        if (kept[head]) kept[head].set(values, begin);
        else {
          const soFar = largest.subarray(begin, end);
          for (let i = 0; i < values.length; i++) {
            if (values[i] > soFar[i]) {
              soFar[i] = values[i];
              mine[i] = head;
            }
          }
        }
        if (head < count - 1) return;
        for (let i = 0; i < values.length; i++) {
          const logSum = sums?.at(begin + i);
          let best = 0;
          for (let label = 0; label < count; label++) {
            const value = kept[label]?.[begin + i];
            if (value === undefined) continue;
            const probability = logSum === undefined ? value : Math.exp(value - logSum);
            if (probability > thresholds[label]! && probability > best) {
              best = probability;
              mine[i] = label;
            }
          }
        }
      };
    },
  };
}

/** Logarithms of sums of exponentials, which turn logits into a softmax's probabilities. */
class RunningLogSum {
  readonly #largest: Float32Array;
  readonly #sum: Float64Array;

  constructor(length: number) {
    this.#largest = new Float32Array(length);
    this.#sum = new Float64Array(length);
  }

  clear(begin: number, end: number): void {
    this.#largest.fill(-Infinity, begin, end);
    this.#sum.fill(0, begin, end);
  }

  add(values: Float32Array, begin: number): void {
    for (let i = 0, at = begin; i < values.length; i++, at++) {
      const value = values[i];
      if (value <= this.#largest[at]) this.#sum[at] += Math.exp(value - this.#largest[at]);
      else {
        this.#sum[at] = this.#sum[at] * Math.exp(this.#largest[at] - value) + 1;
        this.#largest[at] = value;
      }
    }
  }

  at(index: number): number {
    return this.#largest[index] + Math.log(this.#sum[index]);
  }
}

/**
 * Every region whose value is above its threshold assigns its label; later regions overwrite
 * earlier ones.
 *
 * @param regionsClassOrder The output label of each region, in the order of the heads.
 * @param thresholds The threshold of each region.
 */
function likelyRegions(
  regionsClassOrder: readonly number[],
  thresholds: readonly number[],
): LabelRule {
  return {
    highestLabel: Math.max(...regionsClassOrder),
    decide: (labels) => (head, values, begin = 0) => {
      const mine = labels.subarray(begin, begin + values.length);
      if (head === 0) mine.fill(0);
      const [label, threshold] = [regionsClassOrder[head], thresholds[head]];
      for (let i = 0; i < values.length; i++) if (values[i] > threshold) mine[i] = label;
    },
  };
}
