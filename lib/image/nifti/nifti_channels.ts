/** Splits NIfTI files with several channels without converting voxels. */

import { sizeOf } from "../../array/nd_array.ts";
import { writeFileAtomically } from "../../platform/atomic_write.ts";
import { gzip } from "../gzip.ts";
import { openNifti } from "./nifti_file.ts";
import { joinPieces } from "../pieces.ts";
import { fileSource } from "../read_file.ts";
import { copyFile } from "../../platform/files.ts";

/**
 * Writes every channel of a file to a separate file.
 *
 * Voxels keep their number type and scaling, and the header is unchanged except that it has three
 * axes. A file with at most three axes is copied.
 *
 * @param path File to split.
 * @param target Returns the path of a channel's file, which is packed if it ends in `.gz`.
 * @returns The number of channels.
 * @throws As `openNifti()` does, or if voxels are damaged or a file cannot be written.
 */
export async function splitNiftiChannels(
  path: string,
  target: (channel: number) => string,
): Promise<number> {
  const { header, bytes } = await openNifti(fileSource(path), "ITK");
  const content = await joinPieces(bytes(0, header.fileBytes), header.fileBytes);
  const { channels, encoding, geometry, voxelOffset } = header;
  const dimensions = dimensionsOf(content, encoding.littleEndian);
  if (dimensions.read(0) <= 3) {
    await copyFile(path, target(0));
    return 1;
  }
  dimensions.write(0, 3);
  for (let axis = 4; axis <= 7; axis++) dimensions.write(axis, 1);
  const size = sizeOf(geometry.shape) * encoding.type.bytes;
  for (let channel = 0; channel < channels; channel++) {
    const from = voxelOffset + channel * size;
    const single = new Uint8Array(voxelOffset + size);
    single.set(content.subarray(0, voxelOffset));
    single.set(content.subarray(from, from + size), voxelOffset);
    const file = target(channel);
    await writeFileAtomically(file, file.endsWith(".gz") ? await gzip(single, 1) : single);
  }
  return channels;
}

/** Access to the header's number of axes (entry 0) and their extents (entries 1 to 7). */
function dimensionsOf(content: Uint8Array<ArrayBuffer>, littleEndian: boolean) {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const version1 = view.getInt32(0, littleEndian) === 348;
  return {
    read: (i: number) =>
      version1
        ? view.getInt16(40 + 2 * i, littleEndian)
        : Number(view.getBigInt64(16 + 8 * i, littleEndian)),
    write: (i: number, value: number) =>
      version1
        ? view.setInt16(40 + 2 * i, value, littleEndian)
        : view.setBigInt64(16 + 8 * i, BigInt(value), littleEndian),
  };
}
