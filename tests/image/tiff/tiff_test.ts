import assert from "node:assert/strict";
import { join } from "@std/path";
import { stackGeometry } from "../../../lib/image/picture.ts";
import { readImage, writeSegmentation } from "../../../lib/image/image_files.ts";
import { tiff } from "../../../lib/image/tiff/tiff.ts";
import { testFormatContract } from "../format_contract.ts";
import { imagesOn, segmentationsOn } from "../sample_images.ts";

testFormatContract(tiff, {
  images: imagesOn(({ shape, spacing }) => stackGeometry(shape, spacing, "sample")),
  segmentations: segmentationsOn(({ shape, spacing }) => stackGeometry(shape, spacing, "sample")),
  grid: (shape) => stackGeometry(shape, [1, 1, 1], "sample"),
  companions: ["scan.json"],
});

Deno.test("TIFF reading allocates no memory for pixels that the file cannot hold", () =>
  withStack(async (path, file) => {
    const view = new DataView(file.buffer);
    const directory = view.getUint32(4, true);
    // Width, height and rows per strip are the first, second and ninth fields.
    for (const field of [0, 1, 8]) view.setUint32(directory + 2 + field * 12 + 8, 60000, true);
    const fields = view.getUint16(directory, true);
    view.setUint32(directory + 2 + fields * 12, 0, true); // Only one page.
    await Deno.writeFile(path, file);
    await assert.rejects(
      readImage([path]),
      /file is cut short, found \d+ bytes, expected \d{7}$/,
    );
  }));

Deno.test("TIFF reading rejects pages that form a cycle", () =>
  withStack(async (path, file) => {
    const view = new DataView(file.buffer);
    const directory = view.getUint32(4, true);
    const fields = view.getUint16(directory, true);
    view.setUint32(directory + 2 + fields * 12, directory, true);
    await Deno.writeFile(path, file);
    await assert.rejects(readImage([path]), /its pages form a cycle, expected a last page$/);
  }));

Deno.test("TIFF reading rejects fewer pages than ImageJ's description says", () =>
  withStack(async (path, file) => {
    const text = new TextEncoder().encode("ImageJ=1\nimages=9\0");
    const at = new TextDecoder("latin1").decode(file).indexOf('{"shape"');
    file.set(text, at);
    await Deno.writeFile(path, file);
    await assert.rejects(readImage([path]), /found 2 pages, expected the 9 of its description$/);
  }));

Deno.test("TIFF reading reports what is wrong with a spacing file", () =>
  withStack(async (path) => {
    const spacing = path.replace(".tif", ".json");
    await Deno.writeTextFile(spacing, '{"spacing": [1, 2]}');
    await assert.rejects(readImage([path]), {
      name: "TypeError",
      message: `Cannot read ${spacing}: found {"spacing":[1,2]}, expected {"spacing": [Z, Y, X]}`,
    });
    await Deno.writeTextFile(spacing, '{"spacing": [1, 0, 2]}');
    await assert.rejects(readImage([path]), /spacing is 2 × 0 × 1 mm, expected positive numbers$/);
    await Deno.writeTextFile(spacing, "none");
    await assert.rejects(readImage([path]), /^SyntaxError: Cannot read .*scan\.json: /);
  }));

/** Runs a test with the path and bytes of a stack of two slices. */
async function withStack(run: (path: string, file: Uint8Array<ArrayBuffer>) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "scan.tif");
    const geometry = stackGeometry([2, 3, 4], [1, 1, 1], path);
    await writeSegmentation(path, { geometry, data: new Uint8Array(24) });
    await run(path, await Deno.readFile(path));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
