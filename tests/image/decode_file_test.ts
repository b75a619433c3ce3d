import assert from "node:assert/strict";
import { decodeImageFile } from "../../lib/image/decode_file.ts";
import { joinDicomSlices } from "../../lib/image/dicom/dicom_series.ts";
import { readDicomSlices } from "../../lib/image/dicom/dicom_file.ts";
import type { Zyx } from "../../lib/array/nd_array.ts";
import { type GoldenFile, isSeries, readGolden } from "./golden_files.ts";
import images from "../golden/images.json" with { type: "json" };
import nifti from "../golden/nifti.json" with { type: "json" };

/** All golden images, as the files of one scan each. */
const cases = [
  ...images.cases.map(({ name, files }) => ({ name, files })),
  ...nifti.cases.map(({ name, ending, file }) => ({
    name: `NIfTI ${name}`,
    files: [{ name: `scan${ending}`, file }],
  })),
];

for (const { name, files } of cases) {
  Deno.test(`decodeImageFile() decodes bytes as readImage() reads files: ${name}`, async () => {
    const decoded = await (isSeries(files) ? decodeSeries(files) : decodeAlone(files));
    assert.deepEqual(decoded, await readGolden(files));
  });
}

/** Decodes an image, with the spacing in the file next to it if there is one. */
async function decodeAlone([image, companion]: readonly GoldenFile[]) {
  const content = bytesOf(image);
  const { spacing } = companion ? JSON.parse(new TextDecoder().decode(bytesOf(companion))) : {};
  const decoded = await decodeImageFile(image.name, content, { spacing: spacing as Zyx });
  assert.deepEqual(content, Uint8Array.fromBase64(image.file), "the bytes are unchanged");
  return decoded;
}

async function decodeSeries(files: readonly GoldenFile[]) {
  const slices = await Promise.all(files.map((file) => readDicomSlices(bytesOf(file), file.name)));
  return await joinDicomSlices(slices.flat(), "series");
}

/** The bytes as part of a larger buffer, at an odd offset. */
function bytesOf({ file }: GoldenFile): Uint8Array<ArrayBuffer> {
  const bytes = Uint8Array.fromBase64(file);
  const buffer = new Uint8Array(bytes.length + 8);
  buffer.set(bytes, 3);
  return buffer.subarray(3, 3 + bytes.length);
}

Deno.test("decodeImageFile() rejects unknown options", async () => {
  const misspelled = { spacings: [1, 1, 1] } as object;
  await assert.rejects(decodeImageFile("a.tif", new Uint8Array(), misspelled), {
    name: "TypeError",
    message: 'Cannot decode a.tif: unknown option "spacings"; did you mean "spacing"?',
  });
});
