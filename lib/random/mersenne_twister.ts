/** Reproduces NumPy's legacy generator, `numpy.random.RandomState(seed)`, draw for draw. */

import { mersenne } from "../packages/pure_rand.ts";
import { shuffle } from "./shuffle.ts";

/** A Mersenne Twister with the methods of NumPy's `RandomState`; each draw advances its state. */
export interface MersenneTwister {
  /** Draws 32 bits, as an unsigned integer. */
  next(): number;
  /** `randint(low, high)`: draws an integer from [low, high). */
  randint(low: number, high: number): number;
  /** `shuffle`: shuffles a list in place. */
  shuffle<T>(list: T[]): void;
  /** `permutation(count)`: returns the integers below `count` in random order. */
  permutation(count: number): number[];
  /** `choice(count, size, replace=False)`: draws `size` distinct integers below `count`. */
  choice(count: number, size: number): number[];
}

/**
 * Seeds a Mersenne Twister (MT19937) as `numpy.random.RandomState(seed)` does.
 *
 * @param seed An integer in [0, 2³²).
 * @throws {RangeError} If the seed is out of range or no integer.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(createMersenneTwister(12345).permutation(5), [0, 4, 3, 1, 2]);
 * ```
 */
export function createMersenneTwister(seed: number): MersenneTwister {
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
    throw new RangeError(
      `Cannot create a Mersenne Twister: seed is ${seed}, expected an integer in [0, 2^32)`,
    );
  }
  const engine = mersenne(seed);
  const next = () => engine.next() >>> 0;

  /** Draws uniformly from [0, last]: as many bits as `last` has, until they do not exceed it. */
  const upTo = (last: number) => {
    if (last === 0) return 0; // NumPy draws nothing in this case.
    const mask = -1 >>> Math.clz32(last);
    let value;
    do value = (engine.next() & mask) >>> 0; while (value > last);
    return value;
  };

  const integer = (low: number, high: number) => low + upTo(high - low - 1);

  return {
    next,
    randint(low, high) {
      if (!(high > low && high - low <= 2 ** 32)) {
        throw new RangeError(
          `Cannot draw an integer from [${low}, ${high}): expected 1 to 2^32 numbers`,
        );
      }
      return integer(low, high);
    },
    shuffle: (list) => void shuffle(list, { integer }),
    permutation: (count) => shuffle(Array.from({ length: count }, (_, i) => i), { integer }),
    choice(count, size) {
      if (!(size <= count)) {
        throw new RangeError(`Cannot choose ${size} of ${count} without replacement`);
      }
      const partners = new Uint32Array(count);
      for (let i = count - 1; i > 0; i--) partners[i] = upTo(i);
      return startOfShuffled(partners, size);
    },
  };
}

/**
 * Returns the first `size` entries of the list 0, 1, 2, … after swapping entries i = n − 1 … 1, in
 * this order, with those at `partners[i]` ≤ i.
 *
 * Traces the requested positions back through the swaps, last one first, instead of moving entries.
 * One bit per position identifies the many swaps that affect none of them. For millions of entries
 * this is four times as fast as shuffling.
 */
function startOfShuffled(partners: Uint32Array, size: number): number[] {
  /** For a tracked position, the index of its entry in the result. */
  const target = new Uint32Array(partners.length);
  const tracked = new Uint32Array((partners.length >>> 5) + 1);
  const isTracked = (position: number) => (tracked[position >>> 5] >>> (position & 31)) & 1;
  const toggle = (position: number) => tracked[position >>> 5] ^= 1 << (position & 31);
  for (let position = 0; position < size; position++) {
    target[position] = position;
    toggle(position);
  }
  for (let i = 1; i < partners.length; i++) {
    const partner = partners[i];
    if (i < size) [target[i], target[partner]] = [target[partner], target[i]];
    else if (isTracked(partner)) {
      target[i] = target[partner];
      toggle(i);
      toggle(partner);
    }
  }
  const start = new Array<number>(size);
  for (let position = 0; position < partners.length; position++) {
    if (isTracked(position)) start[target[position]] = position;
  }
  return start;
}
