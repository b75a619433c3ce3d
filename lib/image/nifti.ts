/** NIfTI files: `.nii` and `.nii.gz`, versions 1 and 2 read, version 1 written. */

import { writeFileAtomically } from "../io/atomic_write.ts";
import {
  joinBytes,
  readContent,
  requireBytes,
  requireVoxels,
  storedLabels,
  storedScan,
  type StoredVoxels,
} from "./file_content.ts";
import type { ImageFormat } from "./format.ts";
import { gzip, isGzip, maximalUnpackedBytes, unpack } from "./gzip.ts";
import type { Geometry, Image, Segmentation } from "./image.ts";
import {
  maximalHeaderBytes,
  type NiftiHeader,
  readNiftiHeader,
  writeNiftiHeader,
} from "./nifti_header.ts";
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
 * Reads a NIfTI file. Compression is recognised by its first bytes, not by the file's name.
 *
 * A fourth axis becomes channels. A 2D image has one slice, spaced as nnU-Net does. NIfTI stores
 * x fastest, so its voxels already lie as (c, z, y, x) in C order.
 *
 * @throws As {@link readNiftiContent}.
 */
export async function readNifti(path: string): Promise<Image> {
  return await decodeImage(await readStoredNifti(path));
}

async function readStoredNifti(path: string): Promise<StoredImage> {
  const { content, header } = await readNiftiContent(path);
  const { geometry, channels, encoding, voxelOffset } = header;
  return { geometry, channels, content, byteOffset: voxelOffset, encoding };
}

/**
 * Reads a NIfTI file's bytes, unpacked, and understands its header.
 *
 * @throws {TypeError} If the file is no NIfTI or stores no plain numbers.
 * @throws {RangeError} If the file is shorter than its header says, or sizes are absurd.
 * @throws {Error} If the file cannot be opened, or its gzip data is damaged or ends early.
 */
export async function readNiftiContent(
  path: string,
): Promise<{ readonly content: Uint8Array<ArrayBuffer>; readonly header: NiftiHeader }> {
  const stored = await readContent(path);
  const content = isGzip(stored) ? await unpackNifti(stored, path) : stored;
  const header = readNiftiHeader(content, path);
  requireBytes(content.length, header.fileBytes, path);
  return { content, header };
}

/**
 * Writes a scan as float32, more than one channel along a fourth axis; gzip if the name ends so.
 *
 * @throws {RangeError} If an axis is too long for NIfTI-1.
 */
export async function writeNiftiImage(
  path: string,
  { geometry, channels, data }: Image,
): Promise<void> {
  // Noise hardly packs: higher levels cost many times the time and save a few percent.
  requireVoxels(data, geometry, channels, path);
  return await write(path, geometry, channels, storedScan(data), 1);
}

/**
 * Writes a label map, gzip if the name ends so: uint8 if every label is below 255, else uint16,
 * the choice nnU-Net makes.
 *
 * @throws {RangeError} If an axis is too long for NIfTI-1.
 */
export async function writeNiftiSegmentation(
  path: string,
  { geometry, data }: Segmentation,
): Promise<void> {
  requireVoxels(data, geometry, 1, path);
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

async function unpackNifti(packed: Uint8Array, path: string): Promise<Uint8Array<ArrayBuffer>> {
  const limit = maximalUnpackedBytes(packed.length);
  let refusal: unknown;
  const lengthOf = (head: Uint8Array<ArrayBuffer>) => {
    try {
      const { fileBytes } = readNiftiHeader(head, path);
      if (fileBytes > limit) {
        throw new RangeError(
          `Cannot read ${path}: its header needs ${fileBytes} bytes, ` +
            `expected at most the ${limit} that ${packed.length} bytes of gzip can hold`,
        );
      }
      return fileBytes;
    } catch (error) {
      refusal = error;
      throw error;
    }
  };
  try {
    return await unpack(packed, maximalHeaderBytes, lengthOf);
  } catch (cause) {
    if (cause === refusal) throw cause;
    throw new Error(
      `Cannot read ${path}: its ${packed.length} bytes of gzip are damaged or end early ` +
        `(${(cause as Error).message}), expected them whole`,
      { cause },
    );
  }
}
