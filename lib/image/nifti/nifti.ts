/** Decodes NIfTI files (`.nii` and `.nii.gz`) of versions 1 and 2 and encodes version 1. */

import { joinBytes, storedLabels, storedScan, type StoredVoxels } from "../file_content.ts";
import type { ImageFormat } from "../format.ts";
import { gzip } from "../gzip.ts";
import type { Geometry } from "../image.ts";
import type { ImageSource } from "../image_source.ts";
import type { GridConvention } from "../reader.ts";
import { openNifti } from "./nifti_file.ts";
import { writeNiftiHeader } from "./nifti_header.ts";
import { decodeImage, type StoredImage } from "../stored_image.ts";

/**
 * The NIfTI format.
 *
 * A fourth axis becomes channels. A 2D image becomes a single slice, spaced as in nnU-Net. In NIfTI
 * x varies fastest, so its voxels already are (c, z, y, x) in C order. Files are packed with gzip if
 * their name ends in `.gz`, but compressed files are recognised by their content.
 */
export const nifti: ImageFormat = {
  name: "NIfTI",
  endings: [".nii.gz", ".nii"],
  decode: async (source, convention) => decodeImage(await decodeNifti(source, convention)),
  decodeStored: decodeNifti,
  // Noise hardly compresses: higher levels take many times as long and save a few percent.
  encodeImage: ({ geometry, channels, data }, path) =>
    encode(geometry, channels, storedScan(data), 1, path),
  encodeSegmentation: ({ geometry, data }, path) =>
    encode(geometry, 1, storedLabels(data), 6, path),
};

async function decodeNifti(
  source: ImageSource,
  convention: GridConvention,
): Promise<StoredImage> {
  const { header, bytes } = await openNifti(source, convention);
  const { geometry, channels, encoding, voxelOffset, fileBytes } = header;
  return { geometry, channels, encoding, voxels: bytes(voxelOffset, fileBytes) };
}

async function encode(
  geometry: Geometry,
  channels: number,
  { bytes, type }: StoredVoxels,
  gzipLevel: number,
  path: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const header = writeNiftiHeader(geometry, channels, type, path);
  const content = joinBytes(header, bytes);
  return path.toLowerCase().endsWith(".gz") ? await gzip(content, gzipLevel) : content;
}
