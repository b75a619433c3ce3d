/** Derives origin, direction and orientation from a geometry, and compares geometries. */

import type { Geometry } from "./image.ts";

/** World position of the first voxel, (x, y, z) in RAS millimetres. */
export function originOf(geometry: Geometry): number[] {
  return [3, 7, 11].map((entry) => geometry.affine[entry]);
}

/** Row-major 3×3 matrix whose columns are the unit vectors of the voxel axes x, y, z. */
export function directionOf(geometry: Geometry): number[] {
  const { affine } = geometry;
  const lengths = [0, 1, 2].map((axis) => columnLength(affine, axis));
  return [0, 1, 2].flatMap((row) =>
    lengths.map((length, axis) => affine[row * 4 + axis] / (length || 1))
  );
}

/**
 * Directions of the voxel axes x, y and z, one letter per axis, as nibabel's `aff2axcodes()` gives
 * them: `RAS` for right, anterior (front), superior (up); `L`, `P` and `I` are the opposites.
 */
export function axisCodes(geometry: Geometry): string {
  const direction = directionOf(geometry);
  return [0, 1, 2].map((axis) => {
    const column = [0, 1, 2].map((row) => direction[row * 3 + axis]);
    const sizes = column.map(Math.abs);
    const world = sizes.indexOf(Math.max(...sizes));
    return (column[world] < 0 ? "LPI" : "RAS")[world];
  }).join("");
}

/** Length in millimetres of one step along a voxel axis (0 = x) of a row-major 4×4 affine. */
export function columnLength(affine: readonly number[], axis: number): number {
  return Math.hypot(affine[axis], affine[4 + axis], affine[8 + axis]);
}

/** Whether two lists of numbers are equal within the default tolerances of `numpy.allclose()`. */
export function allClose(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length &&
    a.every((value, i) => Math.abs(value - b[i]) <= 1e-8 + 1e-5 * Math.abs(b[i]));
}

/**
 * The spacing that nnU-Net gives the missing axis of a 2D image, in mm: far larger than any other,
 * so that the planner never mixes neighbouring slices.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/imageio/simpleitk_reader_writer.py
 */
export function missingAxisSpacing(spacingYx: readonly [y: number, x: number]): number {
  return 999 * Math.max(...spacingYx);
}

/** Whether a grid is that of a 2D image: one slice, spaced by {@link missingAxisSpacing}. */
export function isPlanar({ shape, spacing: [z, y, x] }: Geometry): boolean {
  return shape[0] === 1 && allClose([z], [missingAxisSpacing([y, x])]);
}
