/** Places the tiles of a sliding window. */

import { type Shape, type Zyx, zyx } from "../array/nd_array.ts";
import { roundHalfToEven } from "../array/rounding.ts";
import { mirrorings } from "../model/mirroring.ts";

/**
 * Returns the tile starts along each axis for sliding-window inference.
 *
 * Starts are evenly spaced and rounded half to even, as NumPy does.
 *
 * @param imageSize Voxels per axis, (z, y, x) or (y, x).
 * @param tileSize Voxels per axis, at most those of the image.
 * @param stepSize Step as a fraction of the tile, in (0, 1].
 * @returns One ascending list of voxel indices per axis.
 * @throws {RangeError} If a tile exceeds the image or `stepSize` is out of range.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/inference/sliding_window_prediction.py
 *
 * @example A 110-voxel axis takes three tiles
 * ```ts
 * import assert from "node:assert/strict";
 * import { tileStarts } from "nnunet/parts";
 *
 * assert.deepEqual(tileStarts([110], [64], 0.5), [[0, 23, 46]]);
 * ```
 */
export function tileStarts(imageSize: Shape, tileSize: Shape, stepSize: number): number[][] {
  if (!(stepSize > 0 && stepSize <= 1)) {
    throw new RangeError(
      `Cannot place tiles: step size is ${stepSize}, expected above 0 and at most 1`,
    );
  }
  return imageSize.map((size, axis) => {
    const tile = tileSize[axis];
    if (tile > size) {
      throw new RangeError(`Cannot place tiles: a tile of [${tileSize}] exceeds [${imageSize}]`);
    }
    const count = Math.ceil((size - tile) / (tile * stepSize)) + 1;
    const distance = count > 1 ? (size - tile) / (count - 1) : 0;
    return Array.from({ length: count }, (_, i) => roundHalfToEven(i * distance));
  });
}

/**
 * Combines the starts of all axes to the first voxels of all tiles, the last axis fastest.
 *
 * @param starts Starts along each axis, as {@link tileStarts} returns them.
 * @returns One position per tile, with one index per axis.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { tileOrigins } from "nnunet/parts";
 *
 * assert.deepEqual(tileOrigins([[0, 5], [2, 3]]), [[0, 2], [0, 3], [5, 2], [5, 3]]);
 * ```
 */
export function tileOrigins(starts: readonly (readonly number[])[]): number[][] {
  return starts.reduce<number[][]>(
    (origins, axis) => origins.flatMap((origin) => axis.map((start) => [...origin, start])),
    [[]],
  );
}

/** The tiles of a volume. */
export interface TilePlacement {
  /** Voxels of a tile, (z, y, x); one slice thick if the network sees one slice at a time. */
  readonly tileSize: Zyx;
  /** Voxels of the volume, (z, y, x), padded with zeros to at least the tile's size. */
  readonly paddedSize: Zyx;
  /** Zeros before the volume, (z, y, x); an odd number of zeros has one more after the volume. */
  readonly before: Zyx;
  /** Tile starts in the padded volume, (z, y, x). */
  readonly starts: Zyx<readonly number[]>;
}

/**
 * Places the tiles of a volume.
 *
 * @param size Voxels of the volume, (z, y, x).
 * @param planned The plan's patch, (z, y, x), or (y, x) for a network that sees one slice at a time.
 * @param stepSize Step as a fraction of the tile; nnU-Net's 0.5 by default.
 * @throws {RangeError} If `stepSize` is out of range.
 */
export function placeTiles(size: Zyx, planned: Shape, stepSize = 0.5): TilePlacement {
  const tileSize = tileOf(planned);
  const padded = paddedSize(size, planned);
  const before = zyx(size.map((n, axis) => Math.floor((padded[axis] - n) / 2)));
  // Networks that see one slice at a time see every slice, whatever the step.
  const slices = planned.length === 2 ? [[...Array(size[0]).keys()]] : [];
  const starts = zyx([...slices, ...tileStarts(padded.slice(slices.length), planned, stepSize)]);
  return { tileSize, paddedSize: padded, before, starts };
}

/** Returns a patch's voxels per axis, (z, y, x); a 2D patch is one slice thick. */
export function tileOf(planned: Shape): Zyx {
  return zyx(planned.length === 2 ? [1, ...planned] : planned);
}

/** Returns a volume's voxels per axis, (z, y, x), padded to at least the tile's size. */
export function paddedSize(size: Zyx, planned: Shape): Zyx {
  const tile = tileOf(planned);
  return zyx(size.map((n, axis) => Math.max(n, tile[axis])));
}

/**
 * Lists the mirrored views of a tile.
 *
 * @param planned The plan's patch, (z, y, x) or (y, x).
 * @param mirrorAxes Axes of the patch along which to average over mirrored views.
 * @returns For each view, the axes of (z, y, x) that it mirrors; the first view mirrors none.
 */
export function viewsOf(planned: Shape, mirrorAxes: readonly number[]): number[][] {
  return mirrorings(mirrorAxes.map((axis) => axis + 3 - planned.length));
}
