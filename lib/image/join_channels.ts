/** Joins the channels of one case that are in several files. */

import { sameShape } from "../array/nd_array.ts";
import { allClose } from "./geometry.ts";
import type { Image } from "./image.ts";

/** A scan, and the path of its file for error messages. */
export interface NamedImage {
  readonly path: string;
  readonly image: Image;
}

/**
 * Requires that two files have the same voxel grid. Origins and directions may differ, as in nnU-Net.
 *
 * @throws {RangeError} If shapes or spacings differ.
 */
export function requireSameGrid(first: NamedImage, other: NamedImage): void {
  const [a, b] = [first.image.geometry, other.image.geometry];
  if (!sameShape(a.shape, b.shape)) {
    throw new RangeError(
      `Cannot read ${other.path} as another channel of ${first.path}: ` +
        `shape is ${b.shape.join(" × ")}, expected ${a.shape.join(" × ")}`,
    );
  }
  if (!allClose(b.spacing, a.spacing)) {
    throw new RangeError(
      `Cannot read ${other.path} as another channel of ${first.path}: ` +
        `spacing is ${b.spacing.join(" × ")} mm, expected ${a.spacing.join(" × ")} mm`,
    );
  }
}

/**
 * Joins scans to one with all their channels, in order. The geometry is the first one's.
 *
 * @param images At least one scan, all on one grid.
 */
export function joinChannels(images: readonly Image[]): Image {
  if (images.length === 1) return images[0];
  const data = new Float32Array(images.reduce((size, image) => size + image.data.length, 0));
  let offset = 0;
  for (const image of images) {
    data.set(image.data, offset);
    offset += image.data.length;
  }
  const channels = images.reduce((sum, image) => sum + image.channels, 0);
  return { geometry: images[0].geometry, channels, data };
}
