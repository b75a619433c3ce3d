/**
 * Converts between geometries and ITK's voxel grids, which several formats store.
 *
 * In ITK's world x points left and y back (LPS), in ours x points right and y to the front (RAS); z
 * points up in both.
 */

import type { Zyx } from "../array/nd_array.ts";
import { directionOf, isPlanar, missingAxisSpacing, originOf } from "./geometry.ts";
import type { Geometry } from "./image.ts";
import { isInvertible } from "./nifti/nifti_affine.ts";

/** A voxel grid with two to four axes. Lists are in the order x, y, z, channel. */
export interface ItkGrid {
  /** Voxels per axis. */
  readonly size: readonly number[];
  /** Millimetres per axis. */
  readonly spacing: readonly number[];
  /** Position of the first voxel in LPS millimetres. */
  readonly origin: readonly number[];
  /** Row-major square matrix whose columns are the voxel axes in LPS. */
  readonly direction: readonly number[];
}

const flips = [-1, -1, 1];

/** The direction of voxel axes parallel to the world's: an identity matrix, row-major. */
export function identityDirection(axes: number): number[] {
  return Array.from({ length: axes * axes }, (_, i) => i % (axes + 1) === 0 ? 1 : 0);
}

/**
 * The geometry of a grid. A grid with two axes becomes a single slice, spaced as in nnU-Net; a
 * fourth axis, that of the channels, is ignored.
 *
 * @param path Path for error messages.
 * @throws {RangeError} If sizes, spacings or directions are invalid.
 */
export function geometryOfItk(grid: ItkGrid, path: string): Geometry {
  const { size, direction } = grid;
  const axes = size.length;
  if (!(axes >= 2 && axes <= 4)) {
    throw new RangeError(`Cannot read ${path}: header has ${axes} axes, expected 2 to 4`);
  }
  if (!size.every((extent) => Number.isSafeInteger(extent) && extent >= 1)) {
    throw new RangeError(
      `Cannot read ${path}: header has shape ${size.join(" × ")}, expected positive extents`,
    );
  }
  const spacing = grid.spacing.map(Math.abs);
  if (!spacing.every((value) => value > 0 && Number.isFinite(value))) {
    throw new RangeError(
      `Cannot read ${path}: spacing is ${grid.spacing.join(" × ")} mm, expected positive numbers`,
    );
  }
  const inAxes = (row: number, column: number) => row < axes && column < axes;
  const affine = [0, 1, 2].flatMap((row) => [
    ...[0, 1, 2].map((column) =>
      inAxes(row, column)
        ? flips[row] * direction[row * axes + column] * spacing[column] + 0 // No −0.
        : row === column
        ? 1
        : 0
    ),
    row < axes ? flips[row] * grid.origin[row] + 0 : 0,
  ]);
  affine.push(0, 0, 0, 1);
  if (!affine.every(Number.isFinite) || !isInvertible(affine)) {
    throw new RangeError(
      `Cannot read ${path}: affine is ${
        affine.join(" ")
      }, expected finite numbers and independent axes`,
    );
  }
  const [x, y, z] = spacing;
  const shape: Zyx = [size[2] ?? 1, size[1], size[0]];
  return { shape, spacing: [z ?? missingAxisSpacing([y, x]), y, x], affine };
}

/**
 * The grid of an image: with two axes if it came from a 2D image, and with a fourth for several
 * channels, as nnU-Net expects them.
 *
 * Two axes cannot represent a rotation out of their plane; such an image gets the identity
 * direction.
 */
export function itkGridOf(geometry: Geometry, channels: number): ItkGrid {
  const axes = channels === 1 && isPlanar(geometry) ? 2 : 3;
  const direction = directionOf(geometry);
  const lps = Array.from({ length: axes * axes }, (_, i) => {
    const [row, column] = [Math.floor(i / axes), i % axes];
    return flips[row] * direction[row * 3 + column] + 0;
  });
  const flat = axes === 2 && Math.abs(lps[0] * lps[3] - lps[1] * lps[2]) < 1e-6;
  const grid = {
    size: [...geometry.shape].reverse().slice(0, axes),
    spacing: [...geometry.spacing].reverse().slice(0, axes),
    origin: originOf(geometry).map((value, row) => flips[row] * value + 0).slice(0, axes),
    direction: flat ? identityDirection(axes) : lps,
  };
  return channels === 1 ? grid : withChannelAxis(grid, channels);
}

function withChannelAxis(grid: ItkGrid, channels: number): ItkGrid {
  const axes = grid.size.length;
  const direction = identityDirection(axes + 1);
  for (let row = 0; row < axes; row++) {
    for (let column = 0; column < axes; column++) {
      direction[row * (axes + 1) + column] = grid.direction[row * axes + column];
    }
  }
  return {
    size: [...grid.size, channels],
    spacing: [...grid.spacing, 1],
    origin: [...grid.origin, 0],
    direction,
  };
}
