/** A box of a volume's logits: what labels are decided on, part by part. */

import type { NdArray, Zyx } from "../array/nd_array.ts";

/**
 * A box of logits, (heads, z, y, x), whose voxels are final.
 *
 * Along each axis one voxel of earlier boxes precedes the new ones, unless these begin the volume:
 * interpolation at the box's edge needs it.
 */
export interface LogitsBox extends NdArray<Float32Array> {
  /** Its first voxel in the volume, (z, y, x). */
  readonly origin: Zyx;
}

/**
 * Takes boxes as they become final, the last axis fastest. The next box comes when the visitor is
 * done, and may overwrite the one before.
 */
export type LogitsVisitor = (box: LogitsBox) => void | Promise<void>;
