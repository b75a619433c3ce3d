/** The generator of `lcg.py`: Numerical Recipes' linear congruential generator, in [0, 1). */
export function lcg(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
