import assert from "node:assert/strict";
import { join } from "@std/path";
import { splitNiftiChannels } from "../../../lib/image/nifti/nifti_channels.ts";
import { readImage, writeImage } from "../../../lib/image/image_files.ts";
import { countingImage } from "../sample_images.ts";
import { withTemporaryFolder } from "../../temporary_folder.ts";

Deno.test("splitNiftiChannels() writes one file per channel, packed or not", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.nii.gz");
    await writeImage(path, countingImage([2, 1, 2], { channels: 3 }));
    for (const ending of [".nii", ".nii.gz"]) {
      const target = (channel: number) => join(folder, `split_${channel}${ending}`);
      assert.equal(await splitNiftiChannels(path, target), 3);
      for (const channel of [0, 1, 2]) {
        assert.deepEqual(
          await readImage([target(channel)]),
          countingImage([2, 1, 2], { start: 4 * channel }),
        );
      }
    }
  }));

Deno.test("splitNiftiChannels() splits NIfTI-2 and big-endian files", () =>
  withTemporaryFolder(async (folder) => {
    const target = (channel: number) => join(folder, `split_${channel}.nii`);
    for (const [name, bytes] of [["version2", version2()], ["bigEndian", bigEndian()]] as const) {
      const path = join(folder, `${name}.nii`);
      await Deno.writeFile(path, bytes);
      assert.equal(await splitNiftiChannels(path, target), 2, name);
      const { channels, data, geometry } = await readImage([target(1)]);
      assert.equal(channels, 1);
      assert.deepEqual(geometry.shape, [1, 1, 3], name);
      assert.deepEqual(Array.from(data), [3, 4, 5], name);
    }
  }));

Deno.test("splitNiftiChannels() copies a file with three axes", () =>
  withTemporaryFolder(async (folder) => {
    const [from, to] = [join(folder, "a.nii.gz"), join(folder, "b.nii.gz")];
    await writeImage(from, countingImage([2, 1, 2]));
    assert.equal(await splitNiftiChannels(from, () => to), 1);
    assert.deepEqual(await Deno.readFile(to), await Deno.readFile(from));
  }));

/** A NIfTI-2 file with three int16 voxels along x and two channels. */
function version2(): Uint8Array {
  const view = new DataView(new ArrayBuffer(544 + 12));
  view.setInt32(0, 540, true);
  new Uint8Array(view.buffer).set([0x6e, 0x2b, 0x32, 0, 0x0d, 0x0a, 0x1a, 0x0a], 4); // "n+2"
  view.setInt16(12, 4, true);
  view.setInt16(14, 16, true);
  [4, 3, 1, 1, 2, 1, 1, 1].forEach((v, i) => view.setBigInt64(16 + 8 * i, BigInt(v), true));
  [1, 1, 1, 1, 1].forEach((v, i) => view.setFloat64(104 + 8 * i, v, true));
  view.setBigInt64(168, 544n, true);
  for (let i = 0; i < 6; i++) view.setInt16(544 + 2 * i, i, true);
  return new Uint8Array(view.buffer);
}

/** A big-endian NIfTI-1 file with the same voxels. */
function bigEndian(): Uint8Array {
  const view = new DataView(new ArrayBuffer(352 + 12));
  view.setInt32(0, 348);
  [4, 3, 1, 1, 2, 1, 1, 1].forEach((v, i) => view.setInt16(40 + 2 * i, v));
  view.setInt16(70, 4);
  view.setInt16(72, 16);
  [1, 1, 1, 1, 1].forEach((v, i) => view.setFloat32(76 + 4 * i, v));
  view.setFloat32(108, 352);
  new Uint8Array(view.buffer).set([0x6e, 0x2b, 0x31, 0], 344); // "n+1"
  for (let i = 0; i < 6; i++) view.setInt16(352 + 2 * i, i);
  return new Uint8Array(view.buffer);
}
