/** Seeded random number generators for sampling and augmentation, with resumable state. */

import { uniformInt } from "../packages/pure_rand.ts";
import { xoroshiro128plus, xoroshiro128plusFromState } from "../packages/pure_rand.ts";

/** The state of a {@link Generator}: plain data that can be stored as JSON. */
export interface GeneratorState {
  /** Four 32-bit words. */
  readonly words: readonly number[];
  /** The second of a pair of normal numbers, if only the first was drawn. */
  readonly spareNormal?: number;
}

/** A source of random numbers; each draw advances its state. */
export interface Generator {
  /** Draws a number from [low, high), by default [0, 1), in 2³² steps. */
  uniform(low?: number, high?: number): number;
  /** Draws an integer uniformly from [low, high). */
  integer(low: number, high: number): number;
  /** Draws from the normal distribution with mean 0 and standard deviation 1. */
  normal(): number;
  /** Returns the current state, from which {@link createGenerator} resumes. */
  state(): GeneratorState;
}

/** Numbers discarded at the start, because states of neighbouring seeds are similar at first. */
const WARM_UP = 64;

/**
 * Creates a generator (xoroshiro128+).
 *
 * @param source A seed, of which the lower 32 bits are used, or a state to resume.
 * @returns The generator.
 * @throws {RangeError} If the seed is not an integer, or the state is invalid.
 *
 * @example The same seed gives the same numbers
 * ```ts
 * import assert from "node:assert/strict";
 * import { createGenerator } from "nnunet/parts";
 *
 * assert.equal(createGenerator(7).uniform(), createGenerator(7).uniform());
 * ```
 */
export function createGenerator(source: number | GeneratorState): Generator {
  const engine = typeof source === "number" ? seededEngine(source) : resumedEngine(source);
  let spareNormal = typeof source === "number" ? undefined : source.spareNormal;

  return {
    uniform(low = 0, high = 1) {
      return low + (high - low) * ((engine.next() >>> 0) * 2 ** -32);
    },
    integer(low, high) {
      if (!(high > low)) {
        throw new RangeError(`Cannot draw an integer from [${low}, ${high}): the range is empty`);
      }
      return uniformInt(engine, low, high - 1);
    },
    normal() {
      if (spareNormal !== undefined) {
        const value = spareNormal;
        spareNormal = undefined;
        return value;
      }
      // Marsaglia's polar method: a point in the unit disc gives two numbers without trigonometry.
      let a, b, square;
      do {
        a = engine.next() * 2 ** -31;
        b = engine.next() * 2 ** -31;
        square = a * a + b * b;
      } while (square >= 1 || square === 0);
      const factor = Math.sqrt(-2 * Math.log(square) / square);
      spareNormal = b * factor;
      return a * factor;
    },
    state() {
      const words = engine.getState();
      return spareNormal === undefined ? { words } : { words, spareNormal };
    },
  };
}

function seededEngine(seed: number) {
  if (!Number.isSafeInteger(seed)) {
    throw new RangeError(`Cannot create a generator: seed is ${seed}, expected an integer`);
  }
  const engine = xoroshiro128plus(seed);
  for (let i = 0; i < WARM_UP; i++) engine.next();
  return engine;
}

function resumedEngine({ words }: GeneratorState) {
  const valid = words.length === 4 && words.every((word) => word === (word | 0)) &&
    words.some((word) => word !== 0); // An all-zero state never changes.
  if (!valid) {
    throw new RangeError(
      `Cannot resume a generator: state is [${words}], expected four 32-bit words, not all 0`,
    );
  }
  return xoroshiro128plusFromState(words);
}
