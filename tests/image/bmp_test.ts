import assert from "node:assert/strict";
import { writeSegmentation } from "../../lib/image/image_files.ts";
import { bmp } from "../../lib/image/bmp.ts";
import { pictureGeometry } from "../../lib/image/picture.ts";
import { testFormatContract } from "./format_contract.ts";
import { segmentationsOn } from "./sample_images.ts";

testFormatContract(bmp, {
  segmentations: segmentationsOn(({ shape: [, y, x] }) => pictureGeometry(x, y, "sample"))
    .filter(({ data }) => data.every((label) => label <= 255)),
  grid: ([, y, x]) => pictureGeometry(x, y, "sample"),
  slices: 1,
});

Deno.test("BMP writing rejects labels above 255", async () => {
  await assert.rejects(
    writeSegmentation("never.bmp", {
      geometry: pictureGeometry(2, 1, "a"),
      data: Uint16Array.of(1, 256),
    }),
    /^RangeError: Cannot write never\.bmp: found label 256, expected at most 255 in BMP$/,
  );
});
