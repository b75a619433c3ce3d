/** Images as their files store them: numbers of some type, not yet converted. */

import { sizeOf } from "../array/nd_array.ts";
import type { Geometry, Image } from "./image.ts";
import { decodeVoxels, separateChannels, type VoxelEncoding, voxelTypes } from "./voxels.ts";

/** The voxels of a file, unpacked, and where they lie. */
export interface StoredImage {
  readonly geometry: Geometry;
  readonly channels: number;
  /** Whether a voxel's channels lie side by side; otherwise one volume follows another. */
  readonly interleaved?: boolean;
  /** Has all voxels, from `byteOffset` on. */
  readonly content: Uint8Array<ArrayBuffer>;
  readonly byteOffset: number;
  readonly encoding: VoxelEncoding;
}

/** Converts to float32, with scaling applied and channels apart. */
export async function decodeImage(
  { geometry, channels, interleaved, content, byteOffset, encoding }: StoredImage,
): Promise<Image> {
  const count = channels * sizeOf(geometry.shape);
  const values = await decodeVoxels(content, byteOffset, count, encoding);
  return { geometry, channels, data: separateChannels(values, interleaved ? channels : 1) };
}

/**
 * The voxels of one channel, if they are bytes that mean themselves, as those of most label maps;
 * not copied. Undefined otherwise.
 */
export function plainBytes(
  { geometry, channels, content, byteOffset, encoding: { type, slope, intercept } }: StoredImage,
): Uint8Array<ArrayBuffer> | undefined {
  if (type !== voxelTypes.uint8 || slope !== 1 || intercept !== 0 || channels !== 1) {
    return undefined;
  }
  return content.subarray(byteOffset, byteOffset + sizeOf(geometry.shape));
}
