/** What the formats of ordinary pictures share: one slice, and no place in the world. */

import type { Geometry, Segmentation } from "./image.ts";
import { geometryOfItk, identityDirection } from "./itk_grid.ts";

/**
 * The geometry of a picture: pixels of 1 mm, the missing axis spaced (999, 1, 1) as in nnU-Net.
 *
 * Its first row is the front-most, as ITK has it.
 *
 * @param path Named in errors.
 * @throws {RangeError} If the picture is empty.
 */
export function pictureGeometry(width: number, height: number, path: string): Geometry {
  const grid = { spacing: [1, 1], origin: [0, 0], direction: identityDirection(2) };
  return geometryOfItk({ size: [width, height], ...grid }, path);
}

/** The geometry of slices that are told their spacing but no place in the world. */
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
 * The extents of a label map that is to become a picture.
 *
 * Other spacings and places than a picture's are lost: it cannot hold them.
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
