/** Merges every head on its own, as averaging does. */

import { type Labels, newLabels } from "../array/labels.ts";
import { type HeadTaker, labelRuleOf } from "../labels/label_rule.ts";
import type { Heads } from "../model/heads.ts";
import type { Vote } from "./vote.ts";

/** Merges the members' probabilities of one head, in the first member's buffer. */
export type HeadMerger = (members: readonly Float32Array[]) => Float32Array;

/**
 * A vote that merges every head on its own. The merged probabilities are converted to labels by the
 * same rule as a single model's, {@link labelRuleOf}.
 */
export class HeadByHeadVote implements Vote {
  readonly labels: Labels;
  readonly needsSecondPass = false;
  readonly #decide: HeadTaker;
  readonly #merge: HeadMerger;

  constructor(voxels: number, heads: Heads, merge: HeadMerger) {
    const rule = labelRuleOf(heads, "probabilities");
    this.labels = newLabels(rule.highestLabel, voxels);
    this.#decide = rule.decide(this.labels);
    this.#merge = merge;
  }

  take(head: number, begin: number, members: readonly Float32Array[]): Float32Array {
    const merged = this.#merge(members);
    this.#decide(head, merged, begin);
    return merged;
  }

  decided(_begin: number, members: readonly Float32Array[]): Float32Array {
    return this.#merge(members);
  }
}

/** Computes the mean of the members in single precision, member by member, as nnU-Net does. */
export function meanOf([sum, ...others]: readonly Float32Array[]): Float32Array {
  for (const other of others) for (let i = 0; i < sum.length; i++) sum[i] += other[i];
  const count = others.length + 1;
  for (let i = 0; i < sum.length; i++) sum[i] /= count;
  return sum;
}
