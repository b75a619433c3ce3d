/** Reads packed pixels as pydicom does, and reports damage in them. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import fc from "fast-check";
import { readImage } from "../../../lib/image/image_files.ts";
import { readGrid } from "../../../lib/image/read_grid.ts";
import golden from "../../golden/dicom_packed.json" with { type: "json" };
import { withTemporaryFolder } from "../../temporary_folder.ts";

for (const { name, file, shape, values } of golden.cases) {
  const whole = Uint8Array.fromBase64(file);

  Deno.test(`readImage() reads pixels packed as ${name}`, () =>
    withTemporaryFolder(async (folder) => {
      await Deno.writeFile(join(folder, "IM0"), whole);
      const { geometry, data } = await readImage([folder]);
      assert.deepEqual(geometry.shape, shape);
      assertValues(data, values, name);
      assert.deepEqual((await readGrid(folder)).geometry, geometry);
    }));

  Deno.test(`readImage() reads damaged pixels packed as ${name}, or throws a clear error`, () =>
    withTemporaryFolder(async (folder) => {
      const isClear = (error: unknown) =>
        error instanceof Error && /^Cannot read .*: .*expected/s.test(error.message);
      const read = async (bytes: Uint8Array) => {
        await Deno.writeFile(join(folder, "IM0"), bytes);
        await readImage([folder]).catch((error) => assert.ok(isClear(error), error));
      };
      // The pixels are the end of the file; the first thousand bytes are elements.
      const damage = fc.array(
        fc.tuple(fc.integer({ min: 1000, max: whole.length - 1 }), fc.nat(255)),
        { minLength: 1, maxLength: 20 },
      );
      await fc.assert(
        fc.asyncProperty(damage, async (changes) => {
          const bytes = whole.slice();
          for (const [position, value] of changes) bytes[position] = value;
          await read(bytes);
        }),
        { numRuns: 60 },
      );
      for (let length = 200; length < whole.length; length += 397) {
        await read(whole.subarray(0, length));
      }
      // Decoders that failed are started anew.
      await Deno.writeFile(join(folder, "IM0"), whole);
      assertValues((await readImage([folder])).data, values, name);
    }));
}

Deno.test("readImage() refuses packed pixels of another size than the file says", () =>
  withTemporaryFolder(async (folder) => {
    for (const { name, file } of golden.cases.slice(0, 5)) {
      const bytes = Uint8Array.fromBase64(file);
      const rows = [0x28, 0x00, 0x10, 0x00, 0x55, 0x53, 0x02, 0x00];
      const at = bytes.findIndex((_, i) => rows.every((byte, k) => bytes[i + k] === byte));
      bytes.set([0x00, 0x80], at + rows.length);
      await Deno.writeFile(join(folder, "IM0"), bytes);
      await assert.rejects(readImage([folder]), { message: /IM0: its pixels, packed as/ }, name);
      bytes.fill(0xff, at + rows.length, at + rows.length + 2);
      bytes.fill(0xff, at + rows.length + 10, at + rows.length + 12); // Columns.
      await Deno.writeFile(join(folder, "IM0"), bytes);
      await assert.rejects(readImage([folder]), { message: /65535 × 65535, expected at most/ });
    }
  }));

/** Pillow's libjpeg and libjpeg-turbo differ by 1 in some values of lossy pictures. */
function assertValues(found: Float32Array, expected: readonly number[], name: string) {
  assert.equal(found.length, expected.length);
  const tolerance = name === "JPEG" ? 1 : 0;
  for (const [i, value] of expected.entries()) {
    assert.ok(Math.abs(found[i] - value) <= tolerance, `${found[i]}, expected ${value}`);
  }
}
