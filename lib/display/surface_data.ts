/** Data of the 3D viewer of labels, `surface_viewer.js`. */

import type { Labels } from "../array/labels.ts";
import { type Zyx, zyx } from "../array/nd_array.ts";
import type { Geometry } from "../image/image.ts";
import type { Rgb } from "./class_colors.ts";
import { blockLabels, coarseShape, strideFor } from "./coarsen.ts";
import type { ViewerBytes } from "./viewer_data.ts";

/** Largest number of voxels in the viewer. */
const MAX_VOXELS = 128 ** 3;

/** Data for the viewer's script. */
export interface SurfaceData {
  readonly title: string;
  /** For each voxel, 1 plus its class's place in `classes`, or 0; (z, y, x) in C order. */
  readonly labels: ViewerBytes;
  /** Voxels per axis of the viewer's grid, (z, y, x). */
  readonly shape: Zyx;
  /** Millimetres per axis of the viewer's grid, (z, y, x). */
  readonly spacing: Zyx;
  /** Row-major 4×4 matrix from voxel indices (x, y, z, 1) to RAS millimetres. */
  readonly affine: readonly number[];
  readonly classes: readonly { readonly name: string; readonly color: Rgb }[];
  /** NiiVue's module, gzip in base64, in the first viewer of a page that does not load it itself. */
  readonly niivue?: string;
}

/**
 * Numbers the classes to draw from 1 on; all other labels become 0.
 *
 * @param labels Label map of any shape.
 * @param drawn Labels of the classes to draw, at most 255.
 */
export function numberedClasses(
  labels: Labels,
  drawn: readonly number[],
): Uint8Array<ArrayBuffer> {
  const numbers = new Uint8Array(1 << 16);
  drawn.forEach((label, i) => numbers[label] = i + 1);
  const numbered = new Uint8Array(labels.length);
  for (let voxel = 0; voxel < labels.length; voxel++) numbered[voxel] = numbers[labels[voxel]];
  return numbered;
}

/**
 * Returns numbered classes on the viewer's grid, coarser than the volume's if that has many voxels.
 *
 * @param numbered Result of {@link numberedClasses}, (z, y, x) in C order.
 */
export function surfaceGrid(
  numbered: Uint8Array<ArrayBuffer>,
  { shape, spacing, affine }: Geometry,
): Pick<SurfaceData, "shape" | "spacing" | "affine"> & { labels: Uint8Array<ArrayBuffer> } {
  const stride = strideFor(shape, spacing, MAX_VOXELS);
  const [dz, dy, dx] = stride;
  return {
    labels: blockLabels(numbered, shape, stride),
    shape: coarseShape(shape, stride),
    spacing: zyx(spacing.map((one, axis) => one * stride[axis])),
    // Columns are x, y, z; the offset remains that of the first voxel.
    affine: affine.map((value, i) => value * [dx, dy, dz, 1][i % 4]),
  };
}
