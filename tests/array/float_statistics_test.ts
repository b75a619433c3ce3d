import assert from "node:assert/strict";
import { areFinite, standardize, statisticsOf, stretch } from "../../lib/array/float_statistics.ts";
import { createGenerator } from "../../lib/random/generator.ts";

for (const length of [1, 17, 32768, 70_001]) {
  Deno.test(`statisticsOf() is accurate for ${length} values far from zero`, () => {
    const generator = createGenerator(length);
    const values = Float32Array.from({ length }, () => 1000 + generator.normal());
    const mean = values.reduce((sum, value) => sum + value, 0) / length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / length;
    const found = statisticsOf(values);
    assert.equal(found.min, values.reduce((a, b) => Math.min(a, b)));
    assert.equal(found.max, values.reduce((a, b) => Math.max(a, b)));
    assert.ok(Math.abs(found.mean - mean) < 1e-6, `${found.mean}, expected ${mean}`);
    assert.ok(Math.abs(found.std - Math.sqrt(variance)) < 1e-5, `${found.std}`);
  });
}

Deno.test("statisticsOf() is not affected by NaN left in scratch memory", () => {
  statisticsOf(new Float32Array(64).fill(NaN));
  assert.deepEqual(statisticsOf(Float32Array.of(2, 4, 4, 2)), { min: 2, max: 4, mean: 3, std: 1 });
});

Deno.test("stretch() scales, shifts and clips to a range", () => {
  const values = Float32Array.of(-2, 0, 1, 3, 5);
  stretch(values, 2, -1);
  assert.deepEqual(Array.from(values), [-5, -1, 1, 5, 9]);
  stretch(values, 1, 0.5, { min: -1, max: 6 });
  assert.deepEqual(Array.from(values), [-1, -0.5, 1.5, 5.5, 6]);
  const nothing = Float32Array.of(NaN, 1);
  stretch(nothing, 2, 0, { min: 0, max: 1 });
  assert.deepEqual(Array.from(nothing), [NaN, 1]);
});

Deno.test("standardize() clips to a range, subtracts a mean and scales", () => {
  const values = Float32Array.of(-2, 0, 1, 3, 5);
  standardize(values, 1, 2);
  assert.deepEqual(Array.from(values), [-6, -2, 0, 4, 8]);
  standardize(values, 1, 0.5, { min: -2, max: 5 });
  assert.deepEqual(Array.from(values), [-1.5, -1.5, -0.5, 1.5, 2]);
});

for (const length of [1, 63, 32768, 70_001]) {
  Deno.test(`areFinite() finds one nonfinite value among ${length}`, () => {
    areFinite(new Float32Array(64).fill(NaN));
    for (const place of [0, length >> 1, length - 1]) {
      const values = new Float32Array(length).fill(-3e38);
      assert.ok(areFinite(values));
      for (const broken of [NaN, Infinity, -Infinity]) {
        values[place] = broken;
        assert.ok(!areFinite(values));
      }
    }
  });
}
