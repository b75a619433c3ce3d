/**
 * Reorients scans and label maps so that x points right, y to the front and z up (RAS), as nnU-Net's
 * readers with reorientation do, and back to the grid of their file.
 */

import type { Labels } from "../array/labels.ts";
import { sizeOf, type Zyx } from "../array/nd_array.ts";
import { allClose, columnLength, isPlanar } from "./geometry.ts";
import type { Geometry, Image, Segmentation, StoredGrid } from "./image.ts";
import { orientationOf } from "./orientation.ts";
import type { Reader } from "./reader.ts";

/**
 * Reorients a grid if the reader does.
 *
 * @param name Name of the image, for messages.
 * @returns The reoriented grid with the given one as `stored`; the same grid if the reader does not
 * reorient.
 * @throws {RangeError} If the grid is that of a picture, or its axes do not span space.
 */
export function reorientGrid(geometry: Geometry, reader: Reader, name: string): Geometry {
  if (!reader.reorients) return geometry;
  if (isPlanar(geometry)) {
    throw new RangeError(
      `Cannot reorient ${name}: it is a picture without a depth, expected a volume`,
    );
  }
  const orientation = orientationOf(geometry.affine, reader.convention);
  if (!orientation) {
    throw new RangeError(
      `Cannot reorient ${name}: affine is ${geometry.affine.join(" ")}, ` +
        "expected three independent axes",
    );
  }
  const { shape, spacing, affine } = withoutStored(geometry);
  const stored: StoredGrid = { shape, spacing, affine, ...orientation };
  const turned = reorientedAffine(stored);
  return {
    shape: permuted(shape, stored),
    spacing: reader.convention === "nibabel"
      ? spacingOfNibabel(stored, turned)
      : permuted(spacing, stored),
    affine: turned,
    stored,
  };
}

/** nibabel keeps the header's spacing if reorienting leaves the affine, else takes the affine's. */
function spacingOfNibabel({ affine, spacing }: StoredGrid, turned: readonly number[]): Zyx {
  if (allClose(turned, affine)) return spacing;
  const [x, y, z] = [0, 1, 2].map((axis) => Math.fround(columnLength(turned, axis)));
  return [z, y, x];
}

/** Reorients a scan as {@link reorientGrid} does its grid. */
export function reorientImage(image: Image, reader: Reader, name: string): Image {
  const geometry = reorientGrid(image.geometry, reader, name);
  const { stored } = geometry;
  if (!stored || isUnchanged(stored)) return { ...image, geometry };
  const size = sizeOf(stored.shape);
  const data = new Float32Array(image.data.length);
  for (let channel = 0; channel < image.channels; channel++) {
    const range = [channel * size, (channel + 1) * size] as const;
    move(image.data.subarray(...range), data.subarray(...range), stored, false);
  }
  return { geometry, channels: image.channels, data };
}

/** Reorients a label map as {@link reorientGrid} does its grid. */
export function reorientSegmentation(
  segmentation: Segmentation,
  reader: Reader,
  name: string,
): Segmentation {
  const geometry = reorientGrid(segmentation.geometry, reader, name);
  return { geometry, data: moved(segmentation.data, geometry.stored, false) };
}

/** Returns a scan on the grid of its file. */
export function imageAsStored(image: Image): Image {
  const { stored } = image.geometry;
  if (!stored) return image;
  const size = sizeOf(stored.shape);
  const data = new Float32Array(image.data.length);
  for (let channel = 0; channel < image.channels; channel++) {
    const range = [channel * size, (channel + 1) * size] as const;
    move(image.data.subarray(...range), data.subarray(...range), stored, true);
  }
  return { geometry: gridOf(stored), channels: image.channels, data };
}

/** Returns a label map on the grid of its file. */
export function segmentationAsStored(segmentation: Segmentation): Segmentation {
  const { stored } = segmentation.geometry;
  if (!stored) return segmentation;
  return { geometry: gridOf(stored), data: moved(segmentation.data, stored, true) };
}

function gridOf({ shape, spacing, affine }: StoredGrid): Geometry {
  return { shape, spacing, affine };
}

/** The grid of a file, whether or not it was reoriented already. */
function withoutStored(geometry: Geometry): Omit<Geometry, "stored"> {
  return geometry.stored ? gridOf(geometry.stored) : geometry;
}

function isUnchanged({ axes, flipped }: StoredGrid): boolean {
  return axes.every((axis, i) => axis === i) && !flipped.includes(true);
}

/** The values of a file's axes, (z, y, x), in the order of the reoriented axes. */
function permuted(values: Zyx, { axes }: StoredGrid): Zyx {
  const result = [0, 0, 0];
  axes.forEach((axis, i) => result[2 - axis] = values[2 - i]);
  return result as unknown as Zyx;
}

/** The affine of the reoriented grid, row-major 4×4. */
export function reorientedAffine(stored: StoredGrid): number[] {
  const { affine, shape, axes, flipped } = stored;
  const result = [...affine];
  for (let row = 0; row < 3; row++) {
    for (let axis = 0; axis < 3; axis++) {
      const step = affine[4 * row + axis];
      result[4 * row + axes[axis]] = flipped[axis] ? 0 - step : step;
      if (flipped[axis]) result[4 * row + 3] += step * (shape[2 - axis] - 1);
    }
  }
  return result;
}

function moved(data: Labels, stored: StoredGrid | undefined, back: boolean): Labels {
  if (!stored || isUnchanged(stored)) return data;
  const target = data instanceof Uint8Array
    ? new Uint8Array(data.length)
    : new Uint16Array(data.length);
  move(data, target, stored, back);
  return target;
}

/**
 * Moves voxels from the file's grid to the reoriented one, or back.
 *
 * The file's voxels are visited in order; each axis adds its own step to the index in the other grid.
 */
function move(
  from: Float32Array | Labels,
  to: Float32Array | Labels,
  stored: StoredGrid,
  back: boolean,
) {
  const { shape: [depth, height, width], axes, flipped } = stored;
  const turned = permuted(stored.shape, stored);
  const strides = [1, turned[2], turned[2] * turned[1]]; // Of the reoriented axes x, y, z.
  const steps = axes.map((axis, i) => flipped[i] ? -strides[axis] : strides[axis]);
  const start = axes.reduce(
    (sum, axis, i) => sum + (flipped[i] ? (stored.shape[2 - i] - 1) * strides[axis] : 0),
    0,
  );
  let index = 0;
  for (let z = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      let other = start + z * steps[2] + y * steps[1];
      for (let x = 0; x < width; x++, index++, other += steps[0]) {
        if (back) to[index] = from[other];
        else to[other] = from[index];
      }
    }
  }
}
