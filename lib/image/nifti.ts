/** Reads NIfTI files (`.nii` and `.nii.gz`) of versions 1 and 2 and writes version 1. */

import { writeFileAtomically } from "../platform/atomic_write.ts";
import { joinBytes, storedLabels, storedScan, type StoredVoxels } from "./file_content.ts";
import type { ImageFormat } from "./format.ts";
import { gzip } from "./gzip.ts";
import type { Geometry, Image, Segmentation } from "./image.ts";
import { openNifti } from "./nifti_file.ts";
import { writeNiftiHeader } from "./nifti_header.ts";
import { decodeImage, type StoredImage } from "./stored_image.ts";

/** The NIfTI format. */
export const nifti: ImageFormat = {
  name: "NIfTI",
  endings: [".nii.gz", ".nii"],
  read: readNifti,
  readStored: readStoredNifti,
  writeImage: writeNiftiImage,
  writeSegmentation: writeNiftiSegmentation,
};

/**
 * Reads a NIfTI file.
 *
 * A fourth axis becomes channels. A 2D image becomes a single slice, spaced as in nnU-Net. In NIfTI
 * x varies fastest, so its voxels already are (c, z, y, x) in C order.
 *
 * @throws As {@link openNifti} does, or if the voxels are damaged or truncated.
 */
export async function readNifti(path: string): Promise<Image> {
  return await decodeImage(await readStoredNifti(path));
}

async function readStoredNifti(path: string): Promise<StoredImage> {
  const { header, bytes } = await openNifti(path);
  const { geometry, channels, encoding, voxelOffset, fileBytes } = header;
  return { geometry, channels, encoding, voxels: bytes(voxelOffset, fileBytes) };
}

/**
 * Writes a scan as float32, several channels along a fourth axis; with gzip if the name ends in
 * `.gz`.
 *
 * @throws {RangeError} If an axis is too long for NIfTI-1.
 */
export async function writeNiftiImage(
  path: string,
  { geometry, channels, data }: Image,
): Promise<void> {
  // Noise hardly compresses: higher levels take many times as long and save a few percent.
  return await write(path, geometry, channels, storedScan(data), 1);
}

/**
 * Writes a label map as uint8 if every label is below 255, otherwise as uint16, as nnU-Net does;
 * with gzip if the name ends in `.gz`.
 *
 * @throws {RangeError} If an axis is too long for NIfTI-1.
 */
export async function writeNiftiSegmentation(
  path: string,
  { geometry, data }: Segmentation,
): Promise<void> {
  return await write(path, geometry, 1, storedLabels(data), 6);
}

async function write(
  path: string,
  geometry: Geometry,
  channels: number,
  { bytes, type }: StoredVoxels,
  gzipLevel: number,
) {
  const header = writeNiftiHeader(geometry, channels, type, path);
  const content = joinBytes(header, bytes);
  const packed = path.toLowerCase().endsWith(".gz") ? await gzip(content, gzipLevel) : content;
  await writeFileAtomically(path, packed);
}
