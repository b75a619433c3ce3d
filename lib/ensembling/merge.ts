/** Merges the probabilities of several members while reading them sequentially. */

import { type Shape, sizeOf } from "../array/nd_array.ts";
import type { Vote } from "./vote.ts";

/** Probabilities that are read sequentially. */
export interface ProbabilityReader {
  /** Shape, (heads, z, y, x). */
  readonly shape: Shape;
  /** Fills a buffer with the next elements. */
  read(into: Float32Array): Promise<void>;
}

/** Voxels per read: one megabyte per member. */
const CHUNK = 1 << 18;

/**
 * Reads all members in parallel and passes their probabilities to a vote.
 *
 * @param readers Members of equal shape.
 * @returns The merged probabilities in pieces, (heads, z, y, x) in C order. Each piece is
 * overwritten by the next; the vote is complete after the last.
 */
export async function* voteOn(
  readers: readonly ProbabilityReader[],
  vote: Vote,
): AsyncGenerator<Float32Array, void, undefined> {
  yield* inChunks(readers, (head, begin, members) => vote.take(head, begin, members));
}

/**
 * Reads all members again after a vote that needs a second pass, and returns the merged
 * probabilities as {@link voteOn} does after others.
 */
export async function* decidedBy(
  readers: readonly ProbabilityReader[],
  vote: Vote,
): AsyncGenerator<Float32Array, void, undefined> {
  yield* inChunks(readers, (_head, begin, members) => vote.decided(begin, members));
}

async function* inChunks(
  readers: readonly ProbabilityReader[],
  merge: (head: number, begin: number, members: readonly Float32Array[]) => Float32Array,
) {
  const [heads, ...spatial] = readers[0].shape;
  const voxels = sizeOf(spatial);
  const buffers = readers.map(() => new Float32Array(Math.min(CHUNK, voxels)));
  for (let head = 0; head < heads; head++) {
    for (let begin = 0; begin < voxels; begin += CHUNK) {
      const length = Math.min(CHUNK, voxels - begin);
      const members = buffers.map((buffer) => buffer.subarray(0, length));
      for (const [member, reader] of readers.entries()) await reader.read(members[member]);
      yield merge(head, begin, members);
    }
  }
}
