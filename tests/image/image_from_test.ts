import assert from "node:assert/strict";
import type { TypedArray } from "../../lib/array/nd_array.ts";
import { axisCodes, isPlanar, originOf } from "../../lib/image/geometry.ts";
import { type GridOptions, imageFrom, segmentationFrom } from "../../lib/image/image_from.ts";
import { readImage, writeImage } from "../../lib/image/image_files.ts";

const grid = { shape: [2, 3, 4], spacing: [5, 2, 1] };
const data = Float32Array.from({ length: 24 }, (_, i) => i);

Deno.test("imageFrom() uses spacing and the default orientation", () => {
  const image = imageFrom(data, grid);
  assert.equal(image.data, data, "not copied");
  assert.equal(image.channels, 1);
  assert.equal(axisCodes(image.geometry), "LPS");
  assert.deepEqual(image.geometry, {
    shape: [2, 3, 4],
    spacing: [5, 2, 1],
    affine: [-1, 0, 0, 0, 0, -2, 0, 0, 0, 0, 5, 0, 0, 0, 0, 1],
  });
});

Deno.test("imageFrom() accepts origin and direction, or an affine", () => {
  const placed = imageFrom(data, {
    ...grid,
    origin: [10, 20, 30],
    direction: [0, 1, 0, 1, 0, 0, 0, 0, 1], // x points to the front, y right.
  });
  assert.equal(axisCodes(placed.geometry), "ARS");
  assert.deepEqual(originOf(placed.geometry), [10, 20, 30]);
  const { affine } = placed.geometry;
  assert.deepEqual(imageFrom(data, { shape: grid.shape, affine }).geometry, placed.geometry);
  assert.deepEqual(imageFrom(data, { ...grid, affine }).geometry, placed.geometry);
});

Deno.test("imageFrom() makes a picture one slice and converts number types", () => {
  const { geometry, data: values } = imageFrom(Int16Array.of(-3, 1, 2, 3), {
    shape: [2, 2],
    spacing: [1, 2],
  });
  assert.ok(isPlanar(geometry));
  assert.deepEqual(geometry.shape, [1, 2, 2]);
  assert.deepEqual(values, Float32Array.of(-3, 1, 2, 3));
});

Deno.test("imageFrom() makes images that can be written and read back", async () => {
  const path = await Deno.makeTempFile({ suffix: ".nii.gz" });
  try {
    const image = imageFrom(data, { ...grid, origin: [1, 2, 3] });
    await writeImage(path, image);
    assert.deepEqual(await readImage([path]), image);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("imageFrom() reports what is wrong with an array or its grid", () => {
  const affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
  const mistakes: [unknown, unknown, string, RegExp][] = [
    [[1, 2], grid, "TypeError", /data is a plain array, expected a typed array/],
    [undefined, grid, "TypeError", /data is missing, expected a typed array/],
    [new BigInt64Array(2), grid, "TypeError", /data is a BigInt64Array, expected a typed array/],
    [data, { ...grid, shape: [24] }, "TypeError", /shape is \[24\], expected \(z, y, x\)/],
    [data, undefined, "TypeError", /options argument is undefined, expected an object/],
    [
      data,
      { ...grid, shape: [2, 3, 5] },
      "TypeError",
      /24 values, expected 30: 1 channel of 2 × 3/,
    ],
    [
      data,
      { ...grid, channels: 2 },
      "TypeError",
      /24 values, expected 48: 2 channels of 2 × 3 × 4/,
    ],
    [data, { ...grid, channels: 0 }, "TypeError", /channels is 0, expected a whole number/],
    [data, { ...grid, shape: [-2, -3, 4] }, "RangeError", /shape is \[-2,-3,4\], expected three/],
    [data, { shape: grid.shape }, "TypeError", /found neither spacing nor affine/],
    [data, { ...grid, spacing: [1, 1] }, "TypeError", /spacing is \[1,1\], expected 3 numbers/],
    [data, { ...grid, spacing: [0, 1, 1] }, "RangeError", /spacing is 0 × 1 × 1 mm, expected/],
    [data, { ...grid, affine: [1, 2] }, "TypeError", /affine is \[1,2\], expected 16 numbers/],
    [data, { ...grid, affine }, "RangeError", /spacing is 5 × 2 × 1 mm, but .* 1 × 1 × 1 mm apart/],
    [data, { ...grid, affine, origin: [0, 0, 0] }, "TypeError", /an affine as well as an origin/],
    [data, { ...grid, direction: Array(9).fill(1) }, "RangeError", /expected an invertible 4×4/],
  ];
  for (const [values, options, name, message] of mistakes) {
    assert.throws(
      () => imageFrom(values as TypedArray, options as GridOptions),
      { name, message },
      String(message),
    );
  }
});

Deno.test("segmentationFrom() uses one byte per label where labels fit", () => {
  const small = { shape: [1, 1, 2], spacing: [1, 1, 1] };
  const labels = Uint8Array.of(1, 2);
  assert.equal(segmentationFrom(labels, small).data, labels, "not copied");
  assert.deepEqual(segmentationFrom(Float32Array.of(1, 2), small).data, labels);
  assert.deepEqual(segmentationFrom(Int32Array.of(1, 300), small).data, Uint16Array.of(1, 300));
  for (const label of [-1, 0.5, 65536]) {
    assert.throws(
      () => segmentationFrom(Float64Array.of(1, label), small),
      new RangeError(
        `Cannot make an image: found label ${label}, expected whole numbers from 0 to 65535`,
      ),
    );
  }
});
