import assert from "node:assert/strict";
import {
  resampledShape,
  resampledSpacing,
  separateAxis,
} from "../../lib/preprocessing/resampling_rules.ts";

Deno.test("separateAxis() checks the spacing before resampling, then the one after", () => {
  assert.equal(separateAxis([1, 1, 1], [2, 2, 2]), undefined);
  assert.equal(separateAxis([3, 1, 1], [1, 1, 1]), undefined); // Exactly 3 is not above 3.
  assert.equal(separateAxis([3.01, 1, 1], [1, 1, 1]), 0);
  assert.equal(separateAxis([1, 1, 1], [1, 4, 1]), 1);
  assert.equal(separateAxis([1, 1, 4], [4, 1, 1]), 2);
});

Deno.test("separateAxis() separates no axis if two are equally coarse", () => {
  assert.equal(separateAxis([1, 4, 4], [1, 1, 1]), undefined);
  assert.equal(separateAxis([1, 4, 4], [9, 1, 1]), undefined); // The spacing before decides.
});

Deno.test("resampledShape() rounds halves to even", () => {
  assert.deepEqual(resampledShape([5, 7, 9], [0.5, 0.5, 1], [1, 1, 3]), [2, 4, 3]);
});

Deno.test("resampledSpacing() keeps the distance between slices for 2d", () => {
  assert.deepEqual(resampledSpacing([0.5, 0.6], [5, 1, 1]), [5, 0.5, 0.6]);
  assert.deepEqual(resampledSpacing([2, 0.5, 0.6], [5, 1, 1]), [2, 0.5, 0.6]);
});
