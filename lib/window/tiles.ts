/** Where the tiles of a sliding window lie. */

import { type Shape, type Zyx, zyx } from "../array/nd_array.ts";
import { roundHalfToEven } from "../array/rounding.ts";
import { mirrorings } from "../model/mirroring.ts";

/**
 * Tile starts along each axis for sliding-window inference.
 *
 * Starts are evenly spaced and rounded half to even, as NumPy does.
 *
 * @param imageSize Voxels per axis, (z, y, x) or (y, x).
 * @param tileSize Voxels per axis, each at most the image's.
 * @param stepSize Step as a fraction of the tile, in (0, 1].
 * @returns One ascending list of voxel indices per axis.
 * @throws {RangeError} If a tile exceeds the image or `stepSize` is out of range.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/inference/sliding_window_prediction.py
 *
 * @example A 110-voxel axis takes three tiles
 * ```ts
 * assertEquals(tileStarts([110], [64], 0.5), [[0, 23, 46]]);
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

/** All combinations of one start per axis, last axis fastest. */
export function tileOrigins(starts: readonly (readonly number[])[]): number[][] {
  return starts.reduce<number[][]>(
    (origins, axis) => origins.flatMap((origin) => axis.map((start) => [...origin, start])),
    [[]],
  );
}

/** Tiles over a volume. */
export interface TilePlacement {
  /** Voxels per axis, (z, y, x); one slice thick for a network that sees slices. */
  readonly tileSize: Zyx;
  /** The volume's extents with zeros around it where it is smaller than the tile, (z, y, x). */
  readonly paddedSize: Zyx;
  /** Zeros before the volume, per axis; where the number of zeros is odd, one more comes after it. */
  readonly before: Zyx;
  /** First voxels in the padded volume, per axis. */
  readonly starts: Zyx<readonly number[]>;
}

/**
 * Places tiles over a volume.
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
  // Every slice is seen, whatever the step.
  const slices = planned.length === 2 ? [[...Array(size[0]).keys()]] : [];
  const starts = zyx([...slices, ...tileStarts(padded.slice(slices.length), planned, stepSize)]);
  return { tileSize, paddedSize: padded, before, starts };
}

/** A patch's extents, (z, y, x): one slice thick where the network sees slices. */
export function tileOf(planned: Shape): Zyx {
  return zyx(planned.length === 2 ? [1, ...planned] : planned);
}

/** A volume's extents, at least the tile's along each axis. */
export function paddedSize(size: Zyx, planned: Shape): Zyx {
  const tile = tileOf(planned);
  return zyx(size.map((n, axis) => Math.max(n, tile[axis])));
}

/**
 * Mirrored views of a tile.
 *
 * @param planned The plan's patch, (z, y, x) or (y, x).
 * @param mirrorAxes Axes of the patch to average over both directions of.
 * @returns For each view, the axes of (z, y, x) that it reverses; the first reverses none.
 */
export function viewsOf(planned: Shape, mirrorAxes: readonly number[]): number[][] {
  return mirrorings(mirrorAxes.map((axis) => axis + 3 - planned.length));
}
