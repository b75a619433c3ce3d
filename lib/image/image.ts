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
  /** The grid of the file, if its voxels were reoriented on reading; files are written on it. */
  readonly stored?: StoredGrid;
}

/** The grid of a file whose voxels were reoriented on reading, and how to get back to it. */
export interface StoredGrid extends Omit<Geometry, "stored"> {
  /** For the voxel axes x, y, z of the file, the axis (0 = x) of the reoriented grid. */
  readonly axes: readonly [x: number, y: number, z: number];
  /** For the voxel axes x, y, z of the file, whether the reoriented axis runs the other way. */
  readonly flipped: readonly [x: boolean, y: boolean, z: boolean];
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
