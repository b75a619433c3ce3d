import assert from "node:assert/strict";
import { createMersenneTwister } from "../../lib/random/mersenne_twister.ts";
import golden from "../golden/splits.json" with { type: "json" };

Deno.test("createMersenneTwister() draws the 32-bit words of MT19937", () => {
  const twister = createMersenneTwister(12345);
  const words = Array.from({ length: 5 }, () => twister.next());
  assert.deepEqual(words, [3992670690, 3823185381, 1358822685, 561383553, 789925284]);
});

for (const { seed, integers, permutation, choice, last } of golden.draws) {
  Deno.test(`createMersenneTwister() draws the same as NumPy's RandomState(${seed})`, () => {
    const twister = createMersenneTwister(seed);
    for (const [low, high, value] of integers) assert.equal(twister.randint(low, high), value);
    assert.deepEqual(twister.permutation(20), permutation);
    assert.deepEqual(twister.choice(50, 6), choice);
    for (let i = 0; i < 999; i++) twister.next();
    assert.equal(twister.next(), last);
  });
}

Deno.test("createMersenneTwister() rejects seeds other than 32-bit integers", () => {
  for (const seed of [-1, 1.5, 2 ** 32]) {
    assert.throws(() => createMersenneTwister(seed), RangeError);
  }
});

Deno.test("randint() rejects an empty range, and choice() a size above the count", () => {
  assert.throws(() => createMersenneTwister(0).randint(3, 3), RangeError);
  assert.throws(() => createMersenneTwister(0).choice(3, 4), RangeError);
});
