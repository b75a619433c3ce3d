/** Merges the probabilities of several models into one label map. */

import type { Heads } from "../model/heads.ts";
import { HeadByHeadVote, meanOf } from "./head_by_head_vote.ts";
import { MajorityVote, meanOfMajority } from "./majority_vote.ts";
import { MaxVote, surestOf } from "./max_vote.ts";
import type { Vote } from "./vote.ts";

/**
 * How members of an ensemble vote on a voxel.
 *
 * - `soft`, nnU-Net's way, averages probabilities and takes the class with the largest mean.
 * - `hard` counts: each member votes for its most probable class, and the class with most votes
 *   wins. Of classes with equally many votes, the one with the larger mean probability wins, so if
 *   two members disagree, their means decide between the two classes that they chose.
 * - `max` takes the class with the largest single probability: one confident member outvotes any
 *   number of uncertain ones. Some tutorials call this hard voting.
 */
export type Voting = "soft" | "hard" | "max";

/** All ways to vote. */
export const votings: readonly Voting[] = ["soft", "hard", "max"];

/**
 * Begins a vote.
 *
 * @param voxels Number of voxels.
 * @param heads Meaning of the members' output channels. Members vote on every region separately.
 * Thresholds decide the labels of a vote without a second pass; after others, apply them to the
 * merged probabilities.
 * @param members Number of members.
 */
export function beginVote(voxels: number, heads: Heads, voting: Voting, members: number): Vote {
  if (voting === "soft") return new HeadByHeadVote(voxels, heads, meanOf);
  if (voting === "hard") {
    return heads.regions
      ? new HeadByHeadVote(voxels, heads, meanOfMajority)
      : new MajorityVote(voxels, heads, members);
  }
  return heads.regions ? new HeadByHeadVote(voxels, heads, surestOf) : new MaxVote(voxels, heads);
}

/** Whether the label or region of any head has a threshold. */
export function hasThresholds({ thresholds = [] }: Heads): boolean {
  return thresholds.some((threshold) => threshold !== undefined);
}
