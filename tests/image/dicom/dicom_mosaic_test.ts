/** Reads Siemens mosaics as nibabel does. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import { readImage } from "../../../lib/image/image_files.ts";
import golden from "../../golden/dicom_mosaic.json" with { type: "json" };
import { withTemporaryFolder } from "../../temporary_folder.ts";

for (const { name, file, rows, columns, slices, values, affine } of golden.cases) {
  Deno.test(`readImage() splits a mosaic as nibabel does: ${name}`, () =>
    withTemporaryFolder(async (folder) => {
      await Deno.writeFile(join(folder, "IM0"), Uint8Array.fromBase64(file));
      const { geometry, data } = await readImage([folder]);
      assert.deepEqual(geometry.shape, [slices, rows, columns]);
      // Slices are sorted along the normal, so compare values at the same place in the world.
      const plane = rows * columns;
      const size = Math.max(...affine.map(Math.abs));
      for (let k = 0; k < slices; k++) {
        const position = [3, 7, 11].map((entry) => affine[entry] + k * affine[entry - 1]);
        const steps = [...Array(slices).keys()].filter((own) =>
          [3, 7, 11].every((entry, axis) =>
            Math.abs(geometry.affine[entry] + own * geometry.affine[entry - 1] - position[axis]) <
              1e-5 * size
          )
        );
        assert.equal(steps.length, 1, `slice ${k} is at ${position}`);
        assert.deepEqual(
          Array.from(data.subarray(steps[0] * plane, (steps[0] + 1) * plane)),
          values.slice(k * plane, (k + 1) * plane),
        );
      }
      // The other axes are nibabel's rows and columns.
      for (const row of [0, 4, 8]) {
        assert.ok(Math.abs(geometry.affine[row] - affine[row + 1]) < 1e-6 * size);
        assert.ok(Math.abs(geometry.affine[row + 1] - affine[row]) < 1e-6 * size);
      }
    }));
}

Deno.test("readImage() rejects a mosaic without its private header, and one of several volumes", () =>
  withTemporaryFolder(async (folder) => {
    const bytes = Uint8Array.fromBase64(golden.cases[0].file);
    const path = join(folder, "IM0");
    await Deno.writeFile(path, replaced(bytes, "SIEMENS CSA HEADER", "SIEMENS XXX HEADER"));
    await assert.rejects(readImage([folder]), {
      name: "TypeError",
      message: `Cannot read ${path}: it is a Siemens mosaic, whose slices are tiles of one ` +
        "picture, without the private CSA header that has their number and direction; convert " +
        "it with dcm2niix",
    });
    await Deno.writeFile(path, replaced(bytes, "NumberOfImagesInMosaic", "NumberOfImagesInMosaix"));
    await assert.rejects(readImage([folder]), /it is a Siemens mosaic/);
    for (const name of ["IM0", "IM1"]) await Deno.writeFile(join(folder, name), bytes);
    await assert.rejects(
      readImage([folder]),
      /found 2 files, of which .* a whole volume of 5 slices/,
    );
  }));

Deno.test("readImage() rejects a mosaic whose tiles or directions do not fit", () =>
  withTemporaryFolder(async (folder) => {
    const bytes = Uint8Array.fromBase64(golden.cases[0].file);
    const path = join(folder, "IM0");
    // "5" images in three rows of tiles become "50" in eight.
    await Deno.writeFile(path, replaced(bytes, "5\0\0\0\0", "50\0\0\0", "NumberOfImagesInMosaic"));
    await assert.rejects(readImage([folder]), /a mosaic of 50 slices in 12 × 9 pixels, expected/);
    await Deno.writeFile(path, replaced(bytes, "1.00000000", "0.50000000", "SliceNormalVector"));
    await assert.rejects(
      readImage([folder]),
      /3\.6 mm apart along 0, 0, 0\.5, expected .* along 0, 0, 1/,
    );
  }));

/** The file with the first occurrence of a text after another replaced by one of the same length. */
function replaced(bytes: Uint8Array, from: string, to: string, after = "DICM") {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  const at = text.indexOf(from, text.indexOf(after));
  assert.ok(at >= 0, `found no ${from}`);
  assert.equal(from.length, to.length);
  const result = bytes.slice();
  for (let i = 0; i < to.length; i++) result[at + i] = to.charCodeAt(i);
  return result;
}
