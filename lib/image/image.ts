/** Types of scans and label maps in memory, and of their geometry. */

import type { Labels } from "../array/labels.ts";
import type { Zyx } from "../array/nd_array.ts";

/**
 * Shape, spacing and world position of a voxel grid.
 *
 * Arrays are (z, y, x) as in nnU-Net; the affine maps voxel indices (i, j, k) = (x, y, z), as in
 * NIfTI and nibabel.
 */
export interface Geometry {
  /** Voxels per axis, (z, y, x). A 2D image has z = 1. */
  readonly shape: Zyx;
  /** Millimetres between voxel centres, (z, y, x), all positive. */
  readonly spacing: Zyx;
  /** Row-major 4×4 matrix from voxel indices (x, y, z, 1) to RAS millimetres. */
  readonly affine: readonly number[];
}

/** A scan: one or more channels on one voxel grid. */
export interface Image {
  /** Shape, spacing and position of the voxel grid. */
  readonly geometry: Geometry;
  /** Number of channels. */
  readonly channels: number;
  /** Values, (c, z, y, x) in C order. */
  readonly data: Float32Array<ArrayBuffer>;
}

/** A label map: one integer per voxel. */
export interface Segmentation {
  /** Shape, spacing and position of the voxel grid. */
  readonly geometry: Geometry;
  /** Labels, (z, y, x) in C order. */
  readonly data: Labels;
}
