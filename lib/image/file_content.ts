/** What all formats do with a file's bytes: unpack them, and check what is to be written. */

import { maximalUnpackedBytes, unpack } from "./gzip.ts";
import type { Segmentation } from "./image.ts";
import { type VoxelType, voxelTypes } from "./voxels.ts";

/**
 * Voxels out of gzip or zlib data, exactly as many bytes as the header says.
 *
 * @throws {RangeError} If the data holds fewer bytes, or cannot hold so many; no memory is taken
 * for what cannot be there.
 * @throws {Error} If the data is damaged or ends early.
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
      `Cannot read ${path}: its ${packed.length} packed bytes are damaged or end early ` +
        `(${(cause as Error).message}), expected them whole`,
      { cause },
    );
  }
  requireBytes(content.length, expectedBytes, path);
  return content;
}

/** @throws {RangeError} If there are fewer bytes than a header says. */
export function requireBytes(found: number, expected: number, path: string) {
  if (found < expected) throw cutShort(found, expected, path);
}

/** What to throw where a file has fewer bytes than its header says. */
export function cutShort(found: number, expected: number, path: string) {
  return new RangeError(
    `Cannot read ${path}: file is cut short, found ${found} bytes, expected ${expected}`,
  );
}

/** Bytes that a file stores, and the type of number they are. */
export interface StoredVoxels {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: VoxelType;
}

/** A scan's values as they are stored. */
export function storedScan(values: Float32Array<ArrayBuffer>): StoredVoxels {
  return { bytes: bytesOf(values), type: voxelTypes.float32 };
}

/** Labels in one byte each if all are below 255, else in two: the choice nnU-Net makes. */
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

/** A header and what follows it. */
export function joinBytes(header: Uint8Array, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(header.length + body.length);
  joined.set(header);
  joined.set(body, header.length);
  return joined;
}
