/** Reads files of all formats but NIfTI that Python wrote, and compares with Python's reading. */

import assert from "node:assert/strict";
import { dirname, join } from "@std/path";
import { readImage } from "../../lib/image/image_files.ts";
import golden from "../golden/images.json" with { type: "json" };

for (const { name, files, shape, channels, spacing, affine, values } of golden.cases) {
  Deno.test(`readImage() reads as Python does: ${name}`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      for (const { name, file } of files) {
        await Deno.mkdir(dirname(join(folder, name)), { recursive: true });
        await Deno.writeFile(join(folder, name), Uint8Array.fromBase64(file));
      }
      const [first] = files;
      const isSeries = first.name.includes("/");
      const image = await readImage([join(folder, isSeries ? dirname(first.name) : first.name)]);
      assert.deepEqual(image.geometry.shape, shape);
      assert.equal(image.channels, channels);
      assertClose(image.geometry.spacing, spacing);
      assertClose(image.geometry.affine, affine);
      assert.deepEqual(image.data, Float32Array.from(values));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
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
