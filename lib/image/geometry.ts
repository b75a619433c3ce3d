/** Questions about where voxels lie: origin, direction, agreement of two grids. */

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
 * Where the voxel axes x, y and z lead, a letter each, as nibabel's `aff2axcodes` has it: `RAS` for
 * right, front (anterior), up (superior); `L`, `P` and `I` are the opposite ways.
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

/** Millimetres that one step along a voxel axis (0 = x) covers, by a 4×4 affine. */
export function columnLength(affine: readonly number[], axis: number): number {
  return Math.hypot(affine[axis], affine[4 + axis], affine[8 + axis]);
}

/** Whether two lists of numbers agree as `numpy.allclose` judges it by default. */
export function allClose(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length &&
    a.every((value, i) => Math.abs(value - b[i]) <= 1e-8 + 1e-5 * Math.abs(b[i]));
}

/**
 * Spacing nnU-Net gives the missing axis of a 2D image: far beyond any other, so that the planner
 * never mixes neighbouring slices.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/imageio/simpleitk_reader_writer.py
 */
export function missingAxisSpacing(spacingYx: readonly [y: number, x: number]): number {
  return 999 * Math.max(...spacingYx);
}

/** Whether a grid came from a 2D image: one slice, spaced by {@link missingAxisSpacing}. */
export function isPlanar({ shape, spacing: [z, y, x] }: Geometry): boolean {
  return shape[0] === 1 && allClose([z], [missingAxisSpacing([y, x])]);
}
