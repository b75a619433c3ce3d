/** How the probabilities of several models become one label map. */

import { type Labels, newLabels } from "../array/labels.ts";
import { type HeadTaker, labelRuleOf } from "../labels/label_rule.ts";
import type { Heads } from "../model/heads.ts";

/**
 * `soft`: probabilities are averaged. `hard`: in each voxel the member that is surest decides, as in
 * nnU-Net's first tutorials; a single confident member outvotes any number of hesitant ones.
 */
export type Voting = "soft" | "hard";

/**
 * A vote on every voxel of a scan. Heads are taken one after another, so that the probabilities of
 * all of them need never be in memory: between heads a vote holds a label and a probability a
 * voxel.
 *
 * Means are taken in single precision, member by member, as nnU-Net does. Labels follow from what
 * the members agree on by the rule that also decides a single model's, {@link labelRuleOf}.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/ensembling/ensemble.py
 */
export class Vote {
  /** Final after the last head. */
  readonly labels: Labels;
  readonly #voting: Voting;
  readonly #decide: HeadTaker;
  /** The member that is surest of a voxel's label so far; only where one decides all heads. */
  readonly #deciders: Uint8Array | undefined;

  /**
   * @param voxels Number of voxels.
   * @param heads What the heads of the members stand for.
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
   * Takes the members' probabilities of one head in some voxels.
   *
   * @param head Ascending: all voxels of one before the next.
   * @param begin The first of the voxels.
   * @param members One probability a voxel each; the first is overwritten.
   * @returns The first member's buffer with the merged probabilities: the mean, or in hard voting
   * on regions the surest. Meaningless where the vote {@link hasDeciders}.
   */
  take(head: number, begin: number, members: readonly Float32Array[]): Float32Array {
    if (this.#deciders) return this.#takeLargest(head, begin, members, this.#deciders);
    const merged = this.#voting === "soft" ? meanOf(members) : surestOf(members);
    this.#decide(head, merged, begin);
    return merged;
  }

  /**
   * The probabilities of each voxel's decider, after {@link take} has seen the last head.
   *
   * @param begin The first of the voxels.
   * @param members As for {@link take}, from the first head on again; the first is overwritten.
   * @returns The first member's buffer with the deciders' probabilities.
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
    const surest = new Uint8Array(largest.length);
    for (const [index, other] of others.entries()) {
      for (let i = 0; i < largest.length; i++) {
        if (other[i] > largest[i]) {
          largest[i] = other[i];
          surest[i] = index + 1;
        }
      }
    }
    this.#decide(head, largest, begin);
    // The head is a voxel's label so far only if none before it had so large a probability.
    for (let i = 0; i < largest.length; i++) {
      if (this.labels[begin + i] === head) deciders[begin + i] = surest[i];
    }
    return largest;
  }
}

/** Mean of the members, in the first one's buffer. */
function meanOf([sum, ...others]: readonly Float32Array[]): Float32Array {
  for (const other of others) for (let i = 0; i < sum.length; i++) sum[i] += other[i];
  const count = others.length + 1;
  for (let i = 0; i < sum.length; i++) sum[i] /= count;
  return sum;
}

/** Of the members' probabilities the one farthest from one half, in the first one's buffer. */
function surestOf([surest, ...others]: readonly Float32Array[]): Float32Array {
  for (const other of others) {
    for (let i = 0; i < surest.length; i++) {
      if (Math.abs(other[i] - 0.5) > Math.abs(surest[i] - 0.5)) surest[i] = other[i];
    }
  }
  return surest;
}
