/** Boxes of a volume's logits, from which labels are decided part by part. */

import type { NdArray, Zyx } from "../array/nd_array.ts";

/**
 * A box of logits, (heads, z, y, x), whose voxels are final.
 *
 * Along each axis, one voxel of earlier boxes precedes the new voxels, unless these begin the
 * volume: interpolation at the box's edge needs it.
 */
export interface LogitsBox extends NdArray<Float32Array> {
  /** Index of the box's first voxel in the volume, (z, y, x). */
  readonly origin: Zyx;
}

/**
 * Receives boxes as they become final, in order with the last axis fastest. The next box comes once
 * the visitor has returned, and may overwrite the previous one.
 */
export type LogitsVisitor = (box: LogitsBox) => void | Promise<void>;
