import assert from "node:assert/strict";
import { joinFloats, sumDifferences } from "../../../lib/image/tiff/tiff_predictors.ts";
import { voxelTypes } from "../../../lib/image/voxels.ts";

const row = { columns: 2, adjacent: 1, path: "a.tif" };

Deno.test("sumDifferences() starts again in every row and wraps around", () => {
  const numbers = Uint8Array.of(250, 10, 7, 255);
  sumDifferences(numbers, { ...row, type: voxelTypes.uint8 });
  assert.deepEqual(numbers, Uint8Array.of(250, 4, 7, 6));
});

Deno.test("joinFloats() sums bytes and takes one from each byte plane", () => {
  // 1 is 3f 80 00 00 and -2 is c0 00 00 00, so the planes are 3f c0, 80 00, 00 00, 00 00.
  const bytes = Uint8Array.of(0x3f, 0x81, 0xc0, 0x80, 0, 0, 0, 0);
  const numbers = joinFloats(bytes, { ...row, type: voxelTypes.float32 });
  assert.deepEqual(numbers, new Uint8Array(Float32Array.of(1, -2).buffer));
});

Deno.test("sumDifferences() and joinFloats() reject unsupported number types", () => {
  assert.throws(() => sumDifferences(new Uint8Array(4), { ...row, type: voxelTypes.float16 }), {
    name: "TypeError",
    message: "Cannot read a.tif: predictor is 2 for float16, expected integers of at most 32 bits",
  });
  assert.throws(() => joinFloats(new Uint8Array(4), { ...row, type: voxelTypes.int16 }), {
    name: "TypeError",
    message: "Cannot read a.tif: predictor is 3 for int16, expected floats",
  });
});
