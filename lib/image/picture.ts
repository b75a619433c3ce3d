/** Geometry of pictures and other files without orientation, shared by several formats. */

import type { Geometry, Segmentation } from "./image.ts";
import { geometryOfItk, identityDirection } from "./itk_grid.ts";

/**
 * The geometry of a picture: a spacing of (999, 1, 1) mm, (z, y, x), as in nnU-Net.
 *
 * The first row is the front-most one, as in ITK.
 *
 * @param path Path for error messages.
 * @throws {RangeError} If the picture is empty.
 */
export function pictureGeometry(width: number, height: number, path: string): Geometry {
  const grid = { spacing: [1, 1], origin: [0, 0], direction: identityDirection(2) };
  return geometryOfItk({ size: [width, height], ...grid }, path);
}

/** The geometry of slices with known spacing but no world position or orientation. */
export function stackGeometry(
  shape: Geometry["shape"],
  spacing: Geometry["spacing"],
  path: string,
): Geometry {
  const grid = { origin: [0, 0, 0], direction: identityDirection(3) };
  const xyz = (zyx: Geometry["shape"]) => [...zyx].reverse();
  return geometryOfItk({ size: xyz(shape), spacing: xyz(spacing), ...grid }, path);
}

/**
 * The width and height of a label map that is to be written as a picture.
 *
 * A picture cannot store spacing, position or orientation, so these are lost.
 *
 * @throws {RangeError} If it has more than one slice.
 */
export function pictureExtents({ geometry }: Pick<Segmentation, "geometry">, path: string) {
  const [slices, height, width] = geometry.shape;
  if (slices !== 1) {
    throw new RangeError(
      `Cannot write ${path}: found ${slices} slices, expected one for a picture`,
    );
  }
  return { width, height };
}
