/** Counts the members' votes: hard voting. */

import { type Labels, newLabels } from "../array/labels.ts";
import type { Heads } from "../model/heads.ts";
import type { Vote } from "./vote.ts";

/** What a member has voted for so far. */
interface Ballot {
  /** The head with the largest probability, per voxel; the first one if several are equal. */
  readonly head: Labels;
  /** That probability. */
  readonly probability: Float32Array;
  /** The mean of all members' probabilities of that head, which decides ties. */
  readonly mean: Float32Array;
}

/**
 * Every member votes for its most probable class, and the class with most votes wins. Of several, the
 * one with the largest mean probability wins, and of these the first.
 *
 * The merged probabilities are the means of the members that voted for the winner, so their largest
 * is the winner's.
 */
export class MajorityVote implements Vote {
  readonly labels: Labels;
  readonly needsSecondPass = true;
  readonly #lastHead: number;
  readonly #ballots: readonly Ballot[];

  constructor(voxels: number, { count }: Heads, members: number) {
    this.#lastHead = count - 1;
    this.labels = newLabels(this.#lastHead, voxels);
    this.#ballots = Array.from({ length: members }, () => ({
      head: newLabels(this.#lastHead, voxels),
      probability: new Float32Array(voxels),
      mean: new Float32Array(voxels),
    }));
  }

  take(head: number, begin: number, members: readonly Float32Array[]): Float32Array {
    const [{ length }] = members;
    for (let i = 0; i < length; i++) {
      let sum = 0;
      for (const member of members) sum += member[i];
      const mean = sum / members.length;
      for (const [index, ballot] of this.#ballots.entries()) {
        const probability = members[index][i];
        if (head > 0 && probability <= ballot.probability[begin + i]) continue;
        ballot.head[begin + i] = head;
        ballot.probability[begin + i] = probability;
        ballot.mean[begin + i] = mean;
      }
    }
    if (head === this.#lastHead) this.#count(begin, begin + length);
    return members[0];
  }

  decided(begin: number, members: readonly Float32Array[]): Float32Array {
    const merged = members[0];
    for (let i = 0; i < merged.length; i++) {
      let [sum, voters] = [0, 0];
      for (const [index, { head }] of this.#ballots.entries()) {
        if (head[begin + i] !== this.labels[begin + i]) continue;
        sum += members[index][i];
        voters++;
      }
      merged[i] = sum / voters;
    }
    return merged;
  }

  /** Decides the labels of a range of voxels from the complete ballots. */
  #count(begin: number, end: number): void {
    for (let voxel = begin; voxel < end; voxel++) {
      let [winner, mostVotes, largestMean] = [-1, 0, 0];
      for (const { head, mean } of this.#ballots) {
        const candidate = head[voxel];
        let votes = 0;
        for (const other of this.#ballots) if (other.head[voxel] === candidate) votes++;
        const isAhead = votes !== mostVotes
          ? votes > mostVotes
          : mean[voxel] !== largestMean
          ? mean[voxel] > largestMean
          : candidate < winner;
        if (isAhead) [winner, mostVotes, largestMean] = [candidate, votes, mean[voxel]];
      }
      this.labels[voxel] = winner;
    }
  }
}

/**
 * Merges the members' probabilities of a region: the mean of those on the side of the majority, above
 * one half or not; of all in a tie.
 *
 * @returns The first member's buffer.
 */
export function meanOfMajority(members: readonly Float32Array[]): Float32Array {
  const merged = members[0];
  for (let i = 0; i < merged.length; i++) {
    let [above, aboveSum, belowSum] = [0, 0, 0];
    for (const member of members) {
      if (member[i] > 0.5) {
        above++;
        aboveSum += member[i];
      } else belowSum += member[i];
    }
    const below = members.length - above;
    merged[i] = above > below
      ? aboveSum / above
      : above < below
      ? belowSum / below
      : (aboveSum + belowSum) / members.length;
  }
  return merged;
}
