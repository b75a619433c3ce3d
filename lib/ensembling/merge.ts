/** Merges the probabilities of several members, read from their front to their end. */

import { type Shape, sizeOf } from "../array/nd_array.ts";
import type { Vote } from "./voting.ts";

/** Probabilities that are read once, in order. */
export interface ProbabilityReader {
  /** (heads, z, y, x) */
  readonly shape: Shape;
  /** Fills a buffer with the elements that come next. */
  read(into: Float32Array): Promise<void>;
}

/** Voxels taken at once: a megabyte a member. */
const CHUNK = 1 << 18;

/**
 * Reads all members side by side and has them vote.
 *
 * @param readers Of equal shape.
 * @returns What the vote makes of the probabilities, in the order of the members' elements. Each
 * piece is overwritten by the next; the vote is over when all have been taken.
 */
export async function* voteOn(
  readers: readonly ProbabilityReader[],
  vote: Vote,
): AsyncGenerator<Float32Array, void, undefined> {
  yield* inChunks(readers, (head, begin, members) => vote.take(head, begin, members));
}

/** As {@link voteOn}, after a vote that one member decided in each voxel: what that member says. */
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
