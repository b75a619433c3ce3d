import assert from "node:assert/strict";
import fc from "fast-check";
import { sizeOf, stridesOf } from "../../lib/array/nd_array.ts";
import { permuteAxes } from "../../lib/array/permute_axes.ts";
import { inverseOrder } from "./inverse_order.ts";

const orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
const extent = fc.integer({ min: 1, max: 5 });
const arrays = fc.tuple(extent, extent, extent).map((shape) => ({
  shape,
  data: Int16Array.from({ length: sizeOf(shape) }, (_, i) => i),
}));

Deno.test("permuteAxes() transposes a matrix", () => {
  const matrix = { shape: [2, 3], data: Int8Array.of(1, 2, 3, 4, 5, 6) };
  const { shape, data } = permuteAxes(matrix, [1, 0]);
  assert.deepEqual(shape, [3, 2]);
  assert.deepEqual(data, Int8Array.of(1, 4, 2, 5, 3, 6));
});

Deno.test("permuteAxes() moves voxel p to position p[order]", () => {
  fc.assert(
    fc.property(arrays, fc.constantFrom(...orders), (array, order) => {
      const { shape, data } = permuteAxes(array, order);
      const strides = stridesOf(array.shape);
      const newStrides = stridesOf(shape);
      array.data.forEach((value) => {
        const p = strides.map((stride, axis) => Math.floor(value / stride) % array.shape[axis]);
        const at = order.reduce((offset, axis, i) => offset + p[axis] * newStrides[i], 0);
        assert.equal(data[at], value);
      });
    }),
    { seed: 1 },
  );
});

Deno.test("permuteAxes() by the inverse order undoes it", () => {
  fc.assert(
    fc.property(arrays, fc.constantFrom(...orders), (array, order) => {
      assert.deepEqual(permuteAxes(permuteAxes(array, order), inverseOrder(order)), array);
    }),
    { seed: 1 },
  );
});

Deno.test("permuteAxes() rejects an order that repeats an axis", () => {
  assert.throws(() => permuteAxes({ shape: [1, 2], data: Int8Array.of(1, 2) }, [0, 0]), TypeError);
});
