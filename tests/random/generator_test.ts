import assert from "node:assert/strict";
import fc from "fast-check";
import { createGenerator, type Generator } from "../../lib/random/generator.ts";

function draw(count: number, next: () => number): number[] {
  return Array.from({ length: count }, next);
}

function mixed(generator: Generator): number[] {
  return draw(9, () => generator.normal() + generator.uniform() + generator.integer(0, 1000));
}

function moments(values: readonly number[]) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const central = (power: number) =>
    values.reduce((sum, value) => sum + (value - mean) ** power, 0) / values.length;
  return { mean, variance: central(2), skew: central(3), fourth: central(4) };
}

Deno.test("createGenerator() is reproducible for a seed and differs between seeds", () => {
  assert.deepEqual(mixed(createGenerator(5)), mixed(createGenerator(5)));
  assert.notDeepEqual(mixed(createGenerator(5)), mixed(createGenerator(6)));
});

Deno.test("createGenerator() gives unrelated first numbers to neighbouring seeds", () => {
  const firsts = Array.from({ length: 4000 }, (_, seed) => createGenerator(seed).uniform());
  const { mean, variance } = moments(firsts);
  const { mean: product } = moments(firsts.slice(1).map((value, i) => value * firsts[i]));
  // The bounds are four standard errors, which are 0.005, 0.001 and 0.004.
  assert.ok(Math.abs(mean - 1 / 2) < 0.02, `mean ${mean}`);
  assert.ok(Math.abs(variance - 1 / 12) < 0.005, `variance ${variance}`);
  assert.ok(Math.abs(product - 1 / 4) < 0.016, `product ${product}`);
});

Deno.test("createGenerator() resumes a saved state, including a spare normal number", () => {
  fc.assert(fc.property(fc.integer(), fc.nat(7), (seed, normals) => {
    const generator = createGenerator(seed);
    draw(normals, () => generator.normal());
    const resumed = createGenerator(JSON.parse(JSON.stringify(generator.state())));
    assert.deepEqual(mixed(resumed), mixed(generator));
  }));
});

Deno.test("state() returns a copy that later draws do not change", () => {
  const generator = createGenerator(1);
  const state = generator.state();
  const before = JSON.stringify(state);
  generator.normal();
  assert.equal(JSON.stringify(state), before);
});

Deno.test("uniform() covers its range evenly and stays below the upper end", () => {
  const generator = createGenerator(3);
  const values = draw(20000, () => generator.uniform(-2, 6));
  assert.ok(values.every((value) => value >= -2 && value < 6));
  const counts = new Array<number>(8).fill(0);
  for (const value of values) counts[Math.floor(value) + 2]++;
  // 2500 are expected in each, with a standard deviation of 47.
  assert.ok(counts.every((count) => Math.abs(count - 2500) < 190), String(counts));
});

Deno.test("integer() draws every number of the range and none outside it", () => {
  const generator = createGenerator(4);
  const counts = new Map<number, number>();
  for (let i = 0; i < 7000; i++) {
    const value = generator.integer(-3, 4);
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  assert.deepEqual([...counts.keys()].sort((a, b) => a - b), [-3, -2, -1, 0, 1, 2, 3]);
  // 1000 of each are expected, with a standard deviation of 29.
  assert.ok([...counts.values()].every((count) => Math.abs(count - 1000) < 120));
});

Deno.test("integer() rejects an empty range", () => {
  assert.throws(() => createGenerator(0).integer(2, 2), RangeError);
});

Deno.test("normal() has the moments of a standard normal distribution", () => {
  const generator = createGenerator(2);
  const { mean, variance, skew, fourth } = moments(draw(40000, () => generator.normal()));
  // The bounds are four standard errors, which are 0.005, 0.007, 0.012 and 0.05.
  assert.ok(Math.abs(mean) < 0.02, `mean ${mean}`);
  assert.ok(Math.abs(variance - 1) < 0.03, `variance ${variance}`);
  assert.ok(Math.abs(skew) < 0.05, `skew ${skew}`);
  assert.ok(Math.abs(fourth - 3) < 0.2, `fourth moment ${fourth}`);
});

Deno.test("createGenerator() rejects invalid seeds and states", () => {
  assert.throws(() => createGenerator(0.5), RangeError);
  assert.throws(() => createGenerator({ words: [0, 0, 0, 0] }), RangeError);
  assert.throws(() => createGenerator({ words: [1, 2, 3] }), RangeError);
  assert.throws(() => createGenerator({ words: [1, 2, 3, 4.5] }), RangeError);
});

Deno.test("createGenerator() keeps its sequence, on which resuming a training depends", () => {
  const generator = createGenerator(12345);
  const { uniform, integer, normal } = generator;
  assert.deepEqual([uniform(), uniform(-2, 3)], [0.4553778497502208, 0.0880224765278399]);
  assert.deepEqual([integer(0, 1000), integer(-5, 6), integer(0, 2 ** 31)], [120, 0, 1397514005]);
  const normals = [1.1066811124697464, -0.5295149019491279, 0.15056216661898122];
  assert.deepEqual([normal(), normal(), normal()], normals);
  assert.deepEqual(generator.state(), {
    words: [-470137037, 1853260516, 1426929246, 2015196466],
    spareNormal: -0.24832542651561457,
  });
});
