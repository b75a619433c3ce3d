/** Unpacks the voxels of files, checks their length and encodes voxels for writing. */

import { maximalUnpackedBytes, unpack } from "./gzip.ts";
import type { Segmentation } from "./image.ts";
import { type VoxelType, voxelTypes } from "./voxels.ts";
import { reasonOf } from "../options/reason_of.ts";

/**
 * Unpacks voxels from gzip or zlib data.
 *
 * @param expectedBytes Number of bytes according to the header.
 * @throws {RangeError} If the data has fewer bytes than expected or cannot have as many, which is
 * checked before memory is allocated.
 * @throws {Error} If the data is damaged or truncated.
 */
export async function unpackVoxels(
  packed: Uint8Array<ArrayBuffer>,
  expectedBytes: number,
  path: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const limit = maximalUnpackedBytes(packed.length);
  if (expectedBytes > limit) {
    throw new RangeError(
      `Cannot read ${path}: its header needs ${expectedBytes} bytes, ` +
        `expected at most the ${limit} that ${packed.length} packed bytes can hold`,
    );
  }
  let content: Uint8Array<ArrayBuffer>;
  try {
    content = await unpack(packed, expectedBytes);
  } catch (cause) {
    throw new Error(
      `Cannot read ${path}: its ${packed.length} packed bytes are damaged or truncated ` +
        `(${reasonOf(cause)}), expected intact data`,
      { cause },
    );
  }
  requireBytes(content.length, expectedBytes, path);
  return content;
}

/**
 * Requires that a file is as long as its header says.
 *
 * @throws {RangeError} If it has fewer bytes.
 */
export function requireBytes(found: number, expected: number, path: string) {
  if (found < expected) throw cutShort(found, expected, path);
}

/** Makes the error for a file that has fewer bytes than its header says. */
export function cutShort(found: number, expected: number, path: string) {
  return new RangeError(
    `Cannot read ${path}: file is cut short, found ${found} bytes, expected ${expected}`,
  );
}

/** Voxels as the bytes that a file stores, and their number type. */
export interface StoredVoxels {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: VoxelType;
}

/** Encodes a scan's values as float32. */
export function storedScan(values: Float32Array<ArrayBuffer>): StoredVoxels {
  return { bytes: bytesOf(values), type: voxelTypes.float32 };
}

/** Encodes labels as uint8 if all are below 255, otherwise as uint16, as nnU-Net does. */
export function storedLabels(labels: Segmentation["data"]): StoredVoxels {
  let largest = 0;
  for (let i = 0; i < labels.length; i++) if (labels[i] > largest) largest = labels[i];
  return largest < 255
    ? { bytes: new Uint8Array(labels), type: voxelTypes.uint8 }
    : { bytes: bytesOf(new Uint16Array(labels)), type: voxelTypes.uint16 };
}

function bytesOf(values: Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>) {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
