import assert from "node:assert/strict";
import fc from "fast-check";
import type { NdArray } from "../../lib/array/nd_array.ts";
import { close, dilate, erode, open } from "../../lib/morphology/dilation.ts";
import { ball } from "../../lib/morphology/structuring_element.ts";

const extents = fc.tuple(...[0, 1].map(() => fc.integer({ min: 1, max: 5 })));
const mask = extents.chain(([depth, height]) =>
  fc.integer({ min: 1, max: 70 }).chain((width) => {
    const voxels = depth * height * width;
    return fc.record({
      shape: fc.constant([depth, height, width]),
      data: fc.uint8Array({ minLength: voxels, maxLength: voxels, max: 1 }),
    });
  })
);
const element = fc.double({ min: 0.5, max: 4, noNaN: true }).map((radius) => ball(radius, 3));

/** Dilates by definition, voxel by voxel and offset by offset. */
function slowDilate({ shape, data }: NdArray<Uint8Array>, element: NdArray<Uint8Array>) {
  const [depth, height, width] = shape;
  const [n] = element.shape;
  const middle = (n - 1) >> 1;
  return Uint8Array.from(data, (_, voxel) => {
    const at = [
      Math.floor(voxel / width / height),
      Math.floor(voxel / width) % height,
      voxel % width,
    ];
    return element.data.some((set, i) => {
        const [z, y, x] = [Math.floor(i / n / n), Math.floor(i / n) % n, i % n]
          .map((offset, axis) => at[axis] + offset - middle);
        return set === 1 && z >= 0 && z < depth && y >= 0 && y < height && x >= 0 && x < width &&
          data[(z * height + y) * width + x] === 1;
      })
      ? 1
      : 0;
  });
}

Deno.test("dilate() agrees with the definition", () => {
  fc.assert(
    fc.property(mask, element, (one, chosen) => {
      assert.deepEqual(dilate(one.data, one.shape, chosen), slowDilate(one, chosen));
    }),
    { numRuns: 40 },
  );
});

Deno.test("erode() is the complement of dilate() of the complement", () => {
  fc.assert(fc.property(mask, element, ({ shape, data }, chosen) => {
    const inverse = dilate(data.map((value) => 1 - value), shape, chosen);
    assert.deepEqual(erode(data, shape, chosen), inverse.map((value) => 1 - value));
  }));
});

Deno.test("open() is within the mask, close() contains it, and both are idempotent", () => {
  // Balls of integer radius are symmetric; others are not if their extent is even.
  const whole = fc.integer({ min: 1, max: 3 }).map((radius) => ball(radius, 3));
  fc.assert(fc.property(mask, whole, ({ shape, data }, chosen) => {
    const opened = open(data, shape, chosen), closed = close(data, shape, chosen);
    assert.ok(data.every((value, i) => opened[i] <= value && value <= closed[i]));
    assert.deepEqual(open(opened, shape, chosen), opened);
    assert.deepEqual(close(closed, shape, chosen), closed);
  }));
});

Deno.test("dilate() rejects an element with a different number of axes", () => {
  assert.throws(() => dilate(Uint8Array.of(1), [1, 1], ball(1, 3)), {
    name: "RangeError",
    message: "Cannot dilate or erode: element has shape [3,3,3], mask [1,1], expected the same " +
      "number of axes, at most 3",
  });
});
