import assert from "node:assert/strict";
import type { Fingerprint } from "../../lib/files/plans.ts";
import {
  resampledMedianShape,
  targetSpacing,
  transposeToFront,
} from "../../lib/planning/target_spacing.ts";

function fingerprint(spacings: number[][], shapesAfterCrop: number[][]): Fingerprint {
  return { spacings, shapesAfterCrop, medianRelativeSizeAfterCropping: 1, intensityProperties: [] };
}

const repeat = <T>(value: T) => new Array<T>(5).fill(value);

Deno.test("targetSpacing() is the median of the cases", () => {
  const spacings = [[1, 1, 3], [2, 1, 2], [5, 1, 1]];
  assert.deepEqual(targetSpacing(fingerprint(spacings, spacings.map(() => [9, 9, 9]))), [2, 1, 2]);
});

Deno.test("targetSpacing() rounds like NumPy's percentile, not its median", () => {
  const cases = fingerprint([[0.2, 1, 1], [1.9, 1, 1]], [[9, 9, 9], [9, 9, 9]]);
  assert.equal(targetSpacing(cases)[0], 1.0499999999999998); // The median would be 1.05.
});

Deno.test("targetSpacing() takes the 10th percentile of a coarse axis with few slices", () => {
  const spacings = [10, 10, 10, 5, 6].map((z) => [z, 1, 1]);
  assert.deepEqual(targetSpacing(fingerprint(spacings, repeat([10, 99, 99]))), [5.4, 1, 1]);
  assert.deepEqual(targetSpacing(fingerprint(spacings, repeat([33, 99, 99]))), [10, 1, 1]);
});

Deno.test("targetSpacing() keeps the coarse axis the coarsest", () => {
  const spacings = [10, 10, 10, 0.5, 0.6].map((z) => [z, 1, 2]);
  assert.deepEqual(targetSpacing(fingerprint(spacings, repeat([10, 99, 99]))), [2 + 1e-5, 1, 2]);
});

Deno.test("transposeToFront() moves the coarsest axis to the front", () => {
  assert.deepEqual(transposeToFront([1, 1, 1]), { forward: [0, 1, 2], backward: [0, 1, 2] });
  assert.deepEqual(transposeToFront([1, 5, 2]), { forward: [1, 0, 2], backward: [1, 0, 2] });
  assert.deepEqual(transposeToFront([1, 2, 5]), { forward: [2, 0, 1], backward: [1, 2, 0] });
});

Deno.test("resampledMedianShape() rounds each case, halves to even, before taking the median", () => {
  const cases = fingerprint([[1, 1, 1], [2, 1, 1]], [[5, 8, 8], [5, 9, 8]]);
  assert.deepEqual(resampledMedianShape(cases, [2, 1, 1]), [3.5, 8.5, 8]); // Slices: 2 and 5.
});
