/** What every kind of vote does. */

import type { Labels } from "../array/labels.ts";

/**
 * A vote on every voxel of a scan. Heads are processed one at a time, so that the probabilities of
 * all heads are never in memory together. Between heads, a soft vote stores 5 bytes per voxel and a
 * hard vote 9 bytes per voxel and member; more than 256 labels take one byte more each.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/ensembling/ensemble.py
 */
export interface Vote {
  /** Label per voxel, final after the last head. */
  readonly labels: Labels;
  /**
   * Whether it is known only after the last head which members' probabilities count; {@link decided}
   * then returns the merged ones.
   */
  readonly needsSecondPass: boolean;
  /**
   * Processes the members' probabilities of one head in a range of voxels.
   *
   * @param head Index of the head; all voxels of a head must precede the next head.
   * @param begin Index of the first voxel.
   * @param members One probability per voxel from each member; the first buffer is overwritten.
   * @returns The first member's buffer with the merged probabilities; meaningless if the vote
   * {@link needsSecondPass}.
   */
  take(head: number, begin: number, members: readonly Float32Array[]): Float32Array;
  /**
   * Merges the members' probabilities after {@link take} has processed the last head.
   *
   * @param begin Index of the first voxel.
   * @param members As for {@link take}, again from the first head; the first buffer is overwritten.
   * @returns The first member's buffer with the merged probabilities.
   */
  decided(begin: number, members: readonly Float32Array[]): Float32Array;
}
