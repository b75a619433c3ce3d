import assert from "node:assert/strict";
import fc from "fast-check";
import { percentile } from "../../lib/array/quantile.ts";
import { pooledProperties, summarizeIntensities } from "../../lib/planning/intensity_summary.ts";

Deno.test("summarizeIntensities() keeps exact moments and range, and even quantiles", () => {
  const summary = summarizeIntensities(new Float32Array([4, 1, 3, 2]), 2);
  assert.deepEqual(summary, {
    mean: 2.5,
    variance: 1.25,
    min: 1,
    max: 4,
    quantiles: new Float32Array([2, 4]),
  });
});

Deno.test("summarizeIntensities() repeats values if there are fewer than quantiles", () => {
  const { quantiles } = summarizeIntensities(new Float32Array([7, 5]), 4);
  assert.deepEqual(quantiles, new Float32Array([5, 5, 7, 7]));
});

Deno.test("pooledProperties() gives every case the same weight", () => {
  const small = summarizeIntensities(new Float32Array([0]), 1000);
  const large = summarizeIntensities(new Float32Array(99).fill(10), 1000);
  const { mean, std, min, max, median } = pooledProperties([small, large]);
  assert.deepEqual({ mean, std, min, max, median }, {
    mean: 5,
    std: 5,
    min: 0,
    max: 10,
    median: 5,
  });
});

Deno.test("pooledProperties() of one case equals the properties of its values", () => {
  const values = fc.array(fc.float({ min: -1000, max: 1000, noNaN: true }), {
    minLength: 200,
    maxLength: 400,
  });
  fc.assert(
    fc.property(values, (list) => {
      const count = list.length; // With as many quantiles as values, nothing is lost.
      const pooled = pooledProperties([summarizeIntensities(new Float32Array(list), count)]);
      assert.equal(pooled.percentile005, percentile(list, 0.5));
      assert.equal(pooled.median, percentile(list, 50));
      assert.equal(pooled.percentile995, percentile(list, 99.5));
      assert.equal(pooled.max, Math.max(...list));
    }),
    { numRuns: 20 },
  );
});
