/** NumPy's legacy random numbers: what `numpy.random.RandomState(seed)` draws, draw for draw. */

import { mersenne } from "pure-rand/generator/mersenne";

/** A Mersenne Twister as NumPy's `RandomState` uses it; each call moves it on. */
export interface MersenneTwister {
  /** The next 32 bits, unsigned. */
  next(): number;
  /** `randint(low, high)`: a whole number in [low, high). */
  randint(low: number, high: number): number;
  /** `shuffle`: reorders the list in place. */
  shuffle<T>(list: T[]): void;
  /** `permutation(count)`: the integers below `count`, reordered. */
  permutation(count: number): number[];
  /** `choice(count, size, replace=False)`: `size` distinct integers below `count`. */
  choice(count: number, size: number): number[];
}

/**
 * Seeds a Mersenne Twister (MT19937) as `numpy.random.RandomState(seed)` does.
 *
 * @param seed An integer in [0, 2³²).
 * @throws {RangeError} If the seed is another number.
 *
 * @example
 * ```ts
 * assert.deepEqual(createMersenneTwister(12345).permutation(5), [0, 4, 3, 1, 2]);
 * ```
 */
export function createMersenneTwister(seed: number): MersenneTwister {
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
    throw new RangeError(`Cannot seed: seed is ${seed}, expected an integer in [0, 2^32)`);
  }
  const engine = mersenne(seed);
  const next = () => engine.next() >>> 0;

  /** Uniform in [0, last]: as many bits as `last` has, drawn again while they exceed it. */
  const upTo = (last: number) => {
    if (last === 0) return 0; // NumPy draws nothing then.
    const mask = -1 >>> Math.clz32(last);
    let value;
    do value = (engine.next() & mask) >>> 0; while (value > last);
    return value;
  };

  const shuffle = <T>(list: T[]) => {
    for (let i = list.length - 1; i > 0; i--) {
      const j = upTo(i);
      [list[i], list[j]] = [list[j], list[i]];
    }
  };

  const permutation = (count: number) => {
    const list = Array.from({ length: count }, (_, i) => i);
    shuffle(list);
    return list;
  };

  return {
    next,
    randint(low, high) {
      if (!(high > low && high - low <= 2 ** 32)) {
        throw new RangeError(
          `Cannot draw an integer from [${low}, ${high}): expected 1 to 2^32 numbers`,
        );
      }
      return low + upTo(high - low - 1);
    },
    shuffle,
    permutation,
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
 * The first `size` entries of the list 0, 1, 2, … after its entries i = n − 1 … 1 were exchanged,
 * in this order, with those at `partners[i]` ≤ i.
 *
 * Follows the wanted places back through the exchanges, last one first, instead of moving entries:
 * a bit a place tells the many exchanges that concern none, which is four times as fast as a
 * shuffle of millions.
 */
function startOfShuffled(partners: Uint32Array, size: number): number[] {
  /** Of a place that is followed: where in the result its entry goes. */
  const goal = new Uint32Array(partners.length);
  const followed = new Uint32Array((partners.length >>> 5) + 1);
  const isFollowed = (place: number) => (followed[place >>> 5] >>> (place & 31)) & 1;
  const toggle = (place: number) => followed[place >>> 5] ^= 1 << (place & 31);
  for (let place = 0; place < size; place++) {
    goal[place] = place;
    toggle(place);
  }
  for (let i = 1; i < partners.length; i++) {
    const partner = partners[i];
    if (i < size) [goal[i], goal[partner]] = [goal[partner], goal[i]];
    else if (isFollowed(partner)) {
      goal[i] = goal[partner];
      toggle(i);
      toggle(partner);
    }
  }
  const start = new Array<number>(size);
  for (let place = 0; place < partners.length; place++) {
    if (isFollowed(place)) start[goal[place]] = place;
  }
  return start;
}
