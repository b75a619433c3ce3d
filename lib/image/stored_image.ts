/** Images with voxels as stored in the file, and their conversion to float32. */

import { sizeOf } from "../array/nd_array.ts";
import type { Geometry, Image } from "./image.ts";
import type { Pieces } from "./pieces.ts";
import { decodeVoxels, separateChannels, type VoxelEncoding, voxelTypes } from "./voxels.ts";

/** A file's voxels, unpacked on demand, and their geometry. */
export interface StoredImage {
  readonly geometry: Geometry;
  readonly channels: number;
  /** Whether each voxel's channels are adjacent; by default one channel follows the other. */
  readonly interleaved?: boolean;
  /** The voxels' bytes; can be iterated once, and throws if the file turns out to be damaged. */
  readonly voxels: Pieces;
  readonly encoding: VoxelEncoding;
}

/** Converts to float32, with scaling applied and one channel after the other. */
export async function decodeImage(
  { geometry, channels, interleaved, voxels, encoding }: StoredImage,
): Promise<Image> {
  const count = channels * sizeOf(geometry.shape);
  const values = await decodeVoxels(voxels, count, encoding);
  return { geometry, channels, data: separateChannels(values, interleaved ? channels : 1) };
}

/** Whether there is one channel of unscaled bytes, as in most label maps. */
export function isPlainBytes({ channels, encoding: { type, slope, intercept } }: StoredImage) {
  return type === voxelTypes.uint8 && slope === 1 && intercept === 0 && channels === 1;
}
