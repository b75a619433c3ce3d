/**
 * Restores how a grid was reoriented from what nnU-Net's readers keep of it: the original affine, or
 * the letters of the original axes.
 */

import type { Zyx } from "../array/nd_array.ts";
import { allClose } from "./geometry.ts";
import type { Geometry, StoredGrid } from "./image.ts";
import { type Orientation, orientationOf } from "./orientation.ts";

/** The letters of both directions of each anatomical axis, the positive direction of RAS first. */
const letters = ["RL", "AP", "SI"];

/** The directions of a file's voxel axes x, y and z as letters, such as `LPS`. */
export function axisCodesOf({ axes, flipped }: Orientation): string {
  return axes.map((axis, i) => letters[axis][flipped[i] ? 1 : 0]).join("");
}

/**
 * Adds the grid of the file to a reoriented grid.
 *
 * @param codes Letters of the file's axes, as {@link axisCodesOf} returns them.
 * @param path Path of the properties, for messages.
 * @throws {SyntaxError} If the letters are not those of three axes.
 */
export function withStoredOrientation(
  geometry: Geometry,
  codes: string,
  path: string,
): Geometry {
  const axes = [...codes].map((letter) => letters.findIndex((pair) => pair.includes(letter)));
  if (codes.length !== 3 || [0, 1, 2].some((axis) => !axes.includes(axis))) {
    throw new SyntaxError(
      `Cannot read ${path}: the original orientation is "${codes}", expected one such as "LPS"`,
    );
  }
  const flipped = [...codes].map((letter, i) => letters[axes[i]][1] === letter);
  const orientation = { axes, flipped } as unknown as Orientation;
  return { ...geometry, stored: storedGrid(geometry, orientation) };
}

/**
 * Adds the grid of the file to a grid that nibabel reoriented.
 *
 * @param affine The file's affine, row-major 4×4.
 * @param path Path of the properties, for messages.
 * @throws {SyntaxError} If the affine's axes do not span space.
 */
export function withStoredAffine(
  geometry: Geometry,
  affine: readonly number[],
  path: string,
): Geometry {
  const orientation = orientationOf(affine, "nibabel");
  if (!orientation) {
    throw new SyntaxError(
      `Cannot read ${path}: the original affine is ${affine.join(" ")}, expected independent axes`,
    );
  }
  const stored = storedGrid(geometry, orientation);
  // The original numbers are exact; those that follow from the other affine are rounded.
  return {
    ...geometry,
    stored: allClose(stored.affine, affine) ? { ...stored, affine } : stored,
  };
}

/** The grid from which an orientation leads to a reoriented grid. */
function storedGrid({ shape, spacing, affine }: Geometry, orientation: Orientation): StoredGrid {
  const { axes, flipped } = orientation;
  const original = (values: Zyx): Zyx => {
    const [x, y, z] = axes.map((axis) => values[2 - axis]);
    return [z, y, x];
  };
  const stored = [...affine];
  for (let row = 0; row < 3; row++) {
    stored[4 * row + 3] = affine[4 * row + 3];
    for (let axis = 0; axis < 3; axis++) {
      const step = affine[4 * row + axes[axis]];
      stored[4 * row + axis] = flipped[axis] ? 0 - step : step;
      if (flipped[axis]) stored[4 * row + 3] += step * (shape[2 - axes[axis]] - 1);
    }
  }
  return { shape: original(shape), spacing: original(spacing), affine: stored, axes, flipped };
}
