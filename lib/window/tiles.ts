/** Where a sliding window stands. */

import type { Shape } from "../array/nd_array.ts";
import { roundHalfToEven } from "../array/rounding.ts";

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
    throw new RangeError(`Cannot place tiles: step size is ${stepSize}, expected 0 to 1, not 0`);
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
