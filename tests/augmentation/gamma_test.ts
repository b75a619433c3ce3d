import assert from "node:assert/strict";
import fc from "fast-check";
import { factorAroundOne } from "../../lib/augmentation/factor_around_one.ts";
import { gamma } from "../../lib/augmentation/gamma.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import { randomSample, sampleOf } from "./samples.ts";

const exponent = [0.7, 1.5] as const;
const plain = gamma({ exponent, inverted: false });
const inverted = gamma({ exponent, inverted: true });

function meanAndStd(values: Float32Array) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return [mean, Math.sqrt(squares / (values.length - 1))];
}

Deno.test("gamma() keeps mean, standard deviation and order of a channel", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(plain, inverted),
      fc.double({ min: 0.7, max: 1.5, noNaN: true }),
      fc.integer({ min: 1, max: 99 }),
      (transform, power, seed) => {
        const sample = randomSample([4, 5], seed);
        const before = sample.image.data;
        const after = transform.apply(sample, [power]).image.data;
        meanAndStd(after).forEach((value, i) => {
          assert.ok(Math.abs(value - meanAndStd(before)[i]) < 1e-5);
        });
        const order = [...before.keys()].sort((a, b) => before[a] - before[b]);
        for (let i = 1; i < order.length; i++) {
          assert.ok(after[order[i]] >= after[order[i - 1]] - 1e-6);
        }
      },
    ),
  );
});

Deno.test("gamma() with exponent 1 is the identity and does not modify its sample", () => {
  const sample = randomSample([4, 5], 1, 2);
  const before = structuredClone(sample);
  for (const transform of [plain, inverted]) {
    transform.apply(sample, [1, 1]).image.data.forEach((value, i) => {
      assert.ok(Math.abs(value - before.image.data[i]) < 1e-6);
    });
  }
  plain.apply(sample, [1.4, 0.8]);
  assert.deepEqual(sample, before);
});

Deno.test("gamma() inverted is gamma() of the negated image", () => {
  const sample = randomSample([4, 5], 2);
  const negative = {
    ...sample,
    image: { ...sample.image, data: sample.image.data.map((value) => -value) },
  };
  const expected = plain.apply(negative, [1.3]).image.data;
  inverted.apply(sample, [1.3]).image.data.forEach((value, i) => {
    assert.ok(Math.abs(value + expected[i]) < 1e-6);
  });
});

Deno.test("gamma() keeps constant channels", () => {
  const sample = sampleOf([2, 2], [3, 3, 3, 3]);
  assert.deepEqual(plain.apply(sample, [1.5]).image.data, sample.image.data);
  assert.deepEqual(inverted.apply(sample, [0.7]).image.data, sample.image.data);
});

Deno.test("gamma() draws one exponent per channel", () => {
  const drawn = plain.draw(createGenerator(1), randomSample([2, 2], 1, 3));
  assert.equal(new Set(drawn).size, 3);
});

Deno.test("factorAroundOne() is below 1 half of the time and within its range", () => {
  const generator = createGenerator(3);
  const drawn = Array.from({ length: 2000 }, () => factorAroundOne(generator, exponent));
  assert.ok(drawn.every((factor) => factor >= 0.7 && factor <= 1.5));
  const below = drawn.filter((factor) => factor < 1).length / drawn.length;
  assert.ok(Math.abs(below - 0.5) < 0.05);
  assert.ok(Math.min(...drawn) < 0.71 && Math.max(...drawn) > 1.49);
  const above = Array.from({ length: 200 }, () => factorAroundOne(generator, [1.2, 1.5]));
  assert.ok(above.every((factor) => factor >= 1.2 && factor <= 1.5));
});
