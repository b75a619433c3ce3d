import assert from "node:assert/strict";
import { createGenerator } from "../../lib/random/generator.ts";
import { addNormals, drawNoiseSeed } from "../../lib/random/normal_noise.ts";

const noise = new Float32Array(1_000_000);
addNormals(noise, drawNoiseSeed(createGenerator(1)), 1);

/** Normal cumulative distribution function (Zelen and Severo 26.2.17, accurate to 1e-7). */
function below(x: number): number {
  if (x < 0) return 1 - below(-x);
  const t = 1 / (1 + 0.2316419 * x);
  const series = t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t *
              (-1.821255978 + t * 1.330274429))));
  return 1 - Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI) * series;
}

Deno.test("addNormals() follows the normal distribution into its tails", () => {
  for (let x = -4.5; x <= 4.5; x += 0.05) {
    const share = noise.reduce((count, value) => count + (value < x ? 1 : 0), 0) / noise.length;
    const expected = below(x);
    const deviation = Math.sqrt(expected * (1 - expected) / noise.length);
    assert.ok(Math.abs(share - expected) < 5 * deviation + 1e-6, `below ${x}: ${share}`);
  }
});

Deno.test("addNormals() has uncorrelated neighbours and squares", () => {
  for (const lag of [1, 2, 3, 4, 7, 8, 128, 1000, 32768]) {
    let product = 0, squares = 0;
    for (let i = lag; i < noise.length; i++) {
      product += noise[i] * noise[i - lag];
      squares += (noise[i] ** 2 - 1) * (noise[i - lag] ** 2 - 1);
    }
    assert.ok(Math.abs(product / noise.length) < 5e-3);
    assert.ok(Math.abs(squares / noise.length) < 1e-2);
  }
});

Deno.test("addNormals() depends only on the seed, not on the number of values", () => {
  const draw = (seed: number, count = 8) => {
    const values = new Float32Array(count);
    addNormals(values, drawNoiseSeed(createGenerator(seed)), 1);
    return values;
  };
  assert.deepEqual(draw(4), draw(4));
  assert.notDeepEqual(draw(4), draw(5));
  assert.deepEqual(draw(4, 5), draw(4).slice(0, 5));
});

Deno.test("addNormals() adds numbers times sigma to existing values", () => {
  const seed = drawNoiseSeed(createGenerator(2));
  const plain = new Float32Array(1000), added = new Float32Array(1000).fill(3);
  addNormals(plain, seed, 1);
  addNormals(added, seed, 0.25);
  added.forEach((value, i) => assert.ok(Math.abs(value - 3 - 0.25 * plain[i]) < 1e-6));
});
