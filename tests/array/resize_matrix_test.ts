import assert from "node:assert/strict";
import fc from "fast-check";
import { bandOf, resizeMatrix, type SplineOrder } from "../../lib/array/resize_matrix.ts";
import { golden } from "../preprocessing/golden.ts";

const extent = fc.integer({ min: 1, max: 40 });
const order = fc.constantFrom<SplineOrder>(0, 1, 3);

Deno.test("resizeMatrix() equals skimage's resize() of unit impulses", () => {
  for (const { from, to, order, matrix } of golden.matrices) {
    const actual = resizeMatrix(from, to, order as SplineOrder).data;
    assert.equal(actual.length, matrix.length);
    // The golden file has twelve decimals.
    matrix.forEach((value, i) => assert.ok(Math.abs(actual[i] - value) < 1e-12, `${from}→${to}`));
  }
});

Deno.test("resizeMatrix() doubles two voxels linearly", () => {
  assert.deepEqual([...resizeMatrix(2, 4, 1).data], [1, 0, 0.75, 0.25, 0.25, 0.75, 0, 1]);
});

Deno.test("resizeMatrix() with order 0 takes the upper neighbour at a half", () => {
  assert.deepEqual([...resizeMatrix(4, 2, 0).data], [0, 1, 0, 0, 0, 0, 0, 1]);
});

Deno.test("resizeMatrix() has rows that add up to 1", () => {
  fc.assert(
    fc.property(extent, extent, order, (from, to, order) => {
      const { data } = resizeMatrix(from, to, order);
      for (let row = 0; row < to; row++) {
        const sum = data.subarray(row * from, (row + 1) * from).reduce((a, b) => a + b);
        assert.ok(Math.abs(sum - 1) < 1e-12);
      }
    }),
    { seed: 1 },
  );
});

Deno.test("resizeMatrix() is symmetric under reversal of the axis", () => {
  fc.assert(
    fc.property(extent, extent, fc.constantFrom<SplineOrder>(1, 3), (from, to, order) => {
      const { data } = resizeMatrix(from, to, order);
      const reversed = data.toReversed();
      data.forEach((value, i) => assert.ok(Math.abs(value - reversed[i]) < 1e-12));
    }),
    { seed: 1 },
  );
});

Deno.test("resizeMatrix() rejects an empty axis", () => {
  assert.throws(() => resizeMatrix(0, 3, 1), RangeError);
  assert.throws(() => resizeMatrix(3, 0.5, 1), RangeError);
});

Deno.test("bandOf() drops only negligible entries", () => {
  fc.assert(
    fc.property(extent, extent, order, (from, to, order) => {
      const matrix = resizeMatrix(from, to, order);
      const { width, first, weights } = bandOf(matrix);
      const rest = matrix.data.slice();
      for (let row = 0; row < to; row++) {
        for (let tap = 0; tap < width; tap++) {
          rest[row * from + first[row] + tap] -= weights[row * width + tap];
        }
      }
      assert.ok(rest.every((value) => Math.abs(value) < 3e-8));
    }),
    { seed: 1 },
  );
});

Deno.test("bandOf() is narrow", () => {
  assert.equal(bandOf(resizeMatrix(200, 150, 0)).width, 1);
  assert.equal(bandOf(resizeMatrix(200, 150, 1)).width, 2);
  assert.equal(bandOf(resizeMatrix(200, 150, 3)).width, 26);
});
