/** Lets the most confident member decide each voxel. */

import { type Labels, newLabels } from "../array/labels.ts";
import { type HeadTaker, labelRuleOf } from "../labels/label_rule.ts";
import type { Heads } from "../model/heads.ts";
import type { Vote } from "./vote.ts";

/** The class with the largest single probability wins, and all probabilities are that member's. */
export class MaxVote implements Vote {
  readonly labels: Labels;
  readonly needsSecondPass = true;
  readonly #decide: HeadTaker;
  /** Most confident member per voxel so far. */
  readonly #deciders: Uint8Array;

  constructor(voxels: number, heads: Heads) {
    // Thresholds apply to what is merged, which is known after the vote.
    const rule = labelRuleOf({ ...heads, thresholds: undefined }, "probabilities");
    this.labels = newLabels(rule.highestLabel, voxels);
    this.#decide = rule.decide(this.labels);
    this.#deciders = new Uint8Array(voxels);
  }

  take(
    head: number,
    begin: number,
    [largest, ...others]: readonly Float32Array[],
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
      if (this.labels[begin + i] === head) this.#deciders[begin + i] = decider[i];
    }
    return largest;
  }

  decided(begin: number, members: readonly Float32Array[]): Float32Array {
    const merged = members[0];
    const deciders = this.#deciders.subarray(begin);
    for (let i = 0; i < merged.length; i++) merged[i] = members[deciders[i]][i];
    return merged;
  }
}

/** Selects the probability farthest from one half, in the first member's buffer. */
export function surestOf([surest, ...others]: readonly Float32Array[]): Float32Array {
  for (const other of others) {
    for (let i = 0; i < surest.length; i++) {
      if (Math.abs(other[i] - 0.5) > Math.abs(surest[i] - 0.5)) surest[i] = other[i];
    }
  }
  return surest;
}
