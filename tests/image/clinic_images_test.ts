/** Reads files of formats from clinics that Python wrote, and compares with Python's reading. */

import assert from "node:assert/strict";
import { assertSameGrid } from "./format_contract.ts";
import { readGolden } from "./golden_files.ts";
import type { Geometry } from "../../lib/image/image.ts";
import golden from "../golden/clinic_images.json" with { type: "json" };

for (const { name, files, shape, channels, spacing, affine, values } of golden.cases) {
  Deno.test(`readImage() reads as Python does: ${name}`, async () => {
    const image = await readGolden(files);
    assertSameGrid(image.geometry, { shape, spacing, affine } as unknown as Geometry);
    assert.equal(image.channels, channels);
    assert.deepEqual(image.data, Float32Array.from(values));
  });
}
