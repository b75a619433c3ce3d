import assert from "node:assert/strict";
import fc from "fast-check";
import { median, percentile, percentileOfSorted } from "../../lib/array/quantile.ts";

Deno.test("median() returns the middle value or the mean of two and does not modify the list", () => {
  const values = [9, 1, 4];
  assert.equal(median(values), 4);
  assert.deepEqual(values, [9, 1, 4]);
  assert.equal(median([10, 2, 3, 1]), 2.5);
  assert.equal(median([100, 20, 3]), 20); // Sorted as text, 100 would come first.
});

Deno.test("percentile() interpolates between neighbours", () => {
  assert.equal(percentile([4, 1, 3, 2], 50), 2.5);
  assert.equal(percentile([10, 0], 10), 1);
  assert.equal(percentile([0, 10, 20, 30, 40], 10), 4);
  assert.equal(percentile([5], 99.5), 5);
});

Deno.test("percentile() rounds like NumPy, unlike median()", () => {
  assert.equal(percentile([0.2, 1.9], 50), 1.0499999999999998);
  assert.equal(median([0.2, 1.9]), 1.05);
});

Deno.test("percentileOfSorted() reaches both ends and stays between them", () => {
  const list = fc.array(fc.integer(), { minLength: 1 });
  fc.assert(fc.property(list, fc.integer({ min: 0, max: 100 }), (values, percent) => {
    const sorted = Float64Array.from(values).sort();
    assert.equal(percentileOfSorted(sorted, 0), sorted[0]);
    assert.equal(percentileOfSorted(sorted, 100), sorted.at(-1));
    const value = percentileOfSorted(sorted, percent);
    assert.ok(value >= sorted[0] && value <= sorted[sorted.length - 1]);
  }));
});
