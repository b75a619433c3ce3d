import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { crc32 } from "node:zlib";
import { pictureGeometry } from "../../lib/image/picture.ts";
import { readImage, writeSegmentation } from "../../lib/image/image_files.ts";
import { png } from "../../lib/image/png.ts";
import { testFormatContract } from "./format_contract.ts";
import { segmentationsOn } from "./sample_images.ts";

testFormatContract(png, {
  segmentations: segmentationsOn(({ shape: [, y, x] }) => pictureGeometry(x, y, "sample")),
  grid: ([, y, x]) => pictureGeometry(x, y, "sample"),
  slices: 1,
});

Deno.test("PNG reading allocates no memory for pixels that the file cannot hold", async () => {
  const path = await Deno.makeTempFile({ suffix: ".png" });
  try {
    await writeSegmentation(path, {
      geometry: pictureGeometry(2, 2, path),
      data: new Uint8Array(4),
    });
    const file = Buffer.from(await Deno.readFile(path));
    file.writeUInt32BE(2 ** 31 - 1, 16);
    file.writeUInt32BE(2 ** 31 - 1, 20);
    file.writeUInt32BE(crc32(file.subarray(12, 29)), 29);
    await Deno.writeFile(path, file);
    await assert.rejects(
      readImage([path]),
      /its header needs 46116860141324\d+ bytes, expected at most the \d+ that \d+ bytes of PNG/,
    );
    file[25] = 4; // Grey with transparency.
    await Deno.writeFile(path, file);
    await assert.rejects(
      readImage([path]),
      /colour type is 4, expected 0 \(grey\), 2 \(colours\), 3/,
    );
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("PNG writing rejects several slices", async () => {
  const stack = { ...pictureGeometry(2, 2, "a"), shape: [3, 2, 2] as const };
  await assert.rejects(
    writeSegmentation("never.png", { geometry: stack, data: new Uint8Array(12) }),
    /^RangeError: Cannot write never\.png: found 3 slices, expected one for a picture$/,
  );
});
