/** Reads files of all formats but NIfTI that Python wrote, and compares with Python's reading. */

import assert from "node:assert/strict";
import { readGolden } from "./golden_files.ts";
import golden from "../golden/images.json" with { type: "json" };

for (const { name, files, shape, channels, spacing, affine, values } of golden.cases) {
  Deno.test(`readImage() reads as Python does: ${name}`, async () => {
    const image = await readGolden(files);
    assert.deepEqual(image.geometry.shape, shape);
    assert.equal(image.channels, channels);
    assertClose(image.geometry.spacing, spacing);
    assertClose(image.geometry.affine, affine);
    assert.deepEqual(image.data, Float32Array.from(values));
  });
}

/** Asserts equality to six decimals, with which DICOM's positions were written. */
function assertClose(actual: readonly number[], expected: readonly number[]) {
  assert.equal(actual.length, expected.length);
  for (const [i, value] of actual.entries()) {
    const close = Math.abs(value - expected[i]) <= 2e-6 * Math.max(1, Math.abs(expected[i]));
    assert.ok(close, `${actual}\ndiffers from\n${expected}`);
  }
}
