/** Images as their files store them: numbers of some type, not yet converted. */

import { sizeOf } from "../array/nd_array.ts";
import type { Geometry, Image } from "./image.ts";
import type { Pieces } from "./pieces.ts";
import { decodeVoxels, separateChannels, type VoxelEncoding, voxelTypes } from "./voxels.ts";

/** A file's voxels, unpacked as they are asked for, and where they lie. */
export interface StoredImage {
  readonly geometry: Geometry;
  readonly channels: number;
  /** Whether a voxel's channels lie side by side; otherwise one volume follows another. */
  readonly interleaved?: boolean;
  /** The voxels' bytes, to be gone through once; throws where the file turns out to be damaged. */
  readonly voxels: Pieces;
  readonly encoding: VoxelEncoding;
}

/** Converts to float32, with scaling applied and channels apart. */
export async function decodeImage(
  { geometry, channels, interleaved, voxels, encoding }: StoredImage,
): Promise<Image> {
  const count = channels * sizeOf(geometry.shape);
  const values = await decodeVoxels(voxels, count, encoding);
  return { geometry, channels, data: separateChannels(values, interleaved ? channels : 1) };
}

/** Whether there is one channel of bytes that mean themselves, as in most label maps. */
export function isPlainBytes({ channels, encoding: { type, slope, intercept } }: StoredImage) {
  return type === voxelTypes.uint8 && slope === 1 && intercept === 0 && channels === 1;
}
