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

/** Straight from the definition: voxel by voxel, offset by offset. */
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

Deno.test("dilate() is the definition's", () => {
  fc.assert(
    fc.property(mask, element, (one, chosen) => {
      assert.deepEqual(dilate(one.data, one.shape, chosen), slowDilate(one, chosen));
    }),
    { numRuns: 40 },
  );
});

Deno.test("erode() is dilate() of what is not mask", () => {
  fc.assert(fc.property(mask, element, ({ shape, data }, chosen) => {
    const inverse = dilate(data.map((value) => 1 - value), shape, chosen);
    assert.deepEqual(erode(data, shape, chosen), inverse.map((value) => 1 - value));
  }));
});

Deno.test("open() is within the mask, close() around it, and both change nothing twice", () => {
  // Balls of whole radii are symmetric; others are not for an even number of voxels.
  const whole = fc.integer({ min: 1, max: 3 }).map((radius) => ball(radius, 3));
  fc.assert(fc.property(mask, whole, ({ shape, data }, chosen) => {
    const opened = open(data, shape, chosen), closed = close(data, shape, chosen);
    assert.ok(data.every((value, i) => opened[i] <= value && value <= closed[i]));
    assert.deepEqual(open(opened, shape, chosen), opened);
    assert.deepEqual(close(closed, shape, chosen), closed);
  }));
});

Deno.test("dilate() refuses an element of other axes", () => {
  assert.throws(() => dilate(Uint8Array.of(1), [1, 1], ball(1, 3)), {
    name: "RangeError",
    message: "Cannot move an element of [3,3,3] over a mask of [1,1]: expected as many axes, " +
      "at most three",
  });
});
