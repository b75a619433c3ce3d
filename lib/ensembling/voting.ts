/** Merges the probabilities of several models into one label map. */

import { type Labels, newLabels } from "../array/labels.ts";
import { type HeadTaker, labelRuleOf } from "../labels/label_rule.ts";
import type { Heads } from "../model/heads.ts";

/**
 * How members of an ensemble vote. `soft` averages probabilities. With `hard`, the most confident
 * member decides each voxel, as in nnU-Net's first tutorials: one confident member outvotes any
 * number of uncertain ones.
 */
export type Voting = "soft" | "hard";

/**
 * A vote on every voxel of a scan. Heads are processed one at a time, so that the probabilities of
 * all heads are never in memory together: between heads, a vote stores one label and one
 * probability per voxel.
 *
 * Means are computed in single precision, member by member, as in nnU-Net. The merged probabilities
 * are converted to labels by the same rule as a single model's, {@link labelRuleOf}.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/ensembling/ensemble.py
 */
export class Vote {
  /** Label per voxel, final after the last head. */
  readonly labels: Labels;
  readonly #voting: Voting;
  readonly #decide: HeadTaker;
  /** Most confident member per voxel so far; only if one member decides all heads. */
  readonly #deciders: Uint8Array | undefined;

  /**
   * @param voxels Number of voxels.
   * @param heads Meaning of the members' output channels.
   */
  constructor(voxels: number, heads: Heads, voting: Voting) {
    const rule = labelRuleOf(heads, "probabilities");
    this.labels = newLabels(rule.highestLabel, voxels);
    this.#decide = rule.decide(this.labels);
    this.#voting = voting;
    this.#deciders = voting === "hard" && !heads.regions ? new Uint8Array(voxels) : undefined;
  }

  /**
   * Whether one member decides all heads of a voxel, which is known only after the last of them;
   * {@link decided} then returns its probabilities.
   */
  get hasDeciders(): boolean {
    return this.#deciders !== undefined;
  }

  /**
   * Processes the members' probabilities of one head in a range of voxels.
   *
   * @param head Index of the head; all voxels of a head must precede the next head.
   * @param begin Index of the first voxel.
   * @param members One probability per voxel from each member; the first buffer is overwritten.
   * @returns The first member's buffer with the merged probabilities: the mean, or for hard voting
   * on regions the most confident. Meaningless if the vote {@link hasDeciders}.
   */
  take(head: number, begin: number, members: readonly Float32Array[]): Float32Array {
    if (this.#deciders) return this.#takeLargest(head, begin, members, this.#deciders);
    const merged = this.#voting === "soft" ? meanOf(members) : surestOf(members);
    this.#decide(head, merged, begin);
    return merged;
  }

  /**
   * Returns the probabilities of each voxel's deciding member, after {@link take} has processed the
   * last head.
   *
   * @param begin Index of the first voxel.
   * @param members As for {@link take}, again from the first head; the first buffer is overwritten.
   * @returns The first member's buffer with the deciding members' probabilities.
   */
  decided(begin: number, members: readonly Float32Array[]): Float32Array {
    const merged = members[0];
    const deciders = this.#deciders!.subarray(begin);
    for (let i = 0; i < merged.length; i++) merged[i] = members[deciders[i]][i];
    return merged;
  }

  #takeLargest(
    head: number,
    begin: number,
    [largest, ...others]: readonly Float32Array[],
    deciders: Uint8Array,
  ): Float32Array {
    const decider = new Uint8Array(largest.length);
    for (const [index, other] of others.entries()) {
      for (let i = 0; i < largest.length; i++) {
        if (other[i] > largest[i]) {
          largest[i] = other[i];
          decider[i] = index + 1;
        }
      }
    }
    this.#decide(head, largest, begin);
    // The head is a voxel's label so far only if its probability exceeds all previous heads'.
    for (let i = 0; i < largest.length; i++) {
      if (this.labels[begin + i] === head) deciders[begin + i] = decider[i];
    }
    return largest;
  }
}

/** Computes the mean of the members in the first member's buffer. */
function meanOf([sum, ...others]: readonly Float32Array[]): Float32Array {
  for (const other of others) for (let i = 0; i < sum.length; i++) sum[i] += other[i];
  const count = others.length + 1;
  for (let i = 0; i < sum.length; i++) sum[i] /= count;
  return sum;
}

/** Selects the probability farthest from one half, in the first member's buffer. */
function surestOf([surest, ...others]: readonly Float32Array[]): Float32Array {
  for (const other of others) {
    for (let i = 0; i < surest.length; i++) {
      if (Math.abs(other[i] - 0.5) > Math.abs(surest[i] - 0.5)) surest[i] = other[i];
    }
  }
  return surest;
}
