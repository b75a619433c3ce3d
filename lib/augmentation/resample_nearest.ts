/** Resampling a patch by the nearest voxel. */

import { sizeOf, type Zyx } from "../array/nd_array.ts";
import { roundHalfToEven } from "../array/rounding.ts";
import { forEachRow } from "./resample_patch.ts";
import type { Matrix3 } from "./sampling_matrix.ts";

type Voxels = Float32Array<ArrayBuffer> | Int16Array<ArrayBuffer>;

/**
 * The values nearest to the positions `matrix · (o − centre) + sourceCentre` of all voxels `o`.
 *
 * @param source Channels one after the other, each of `shape`.
 * @param outside The value of positions that no voxel of the source is nearest to.
 * @returns Channels one after the other, each of `size`.
 * @see torch.nn.functional.grid_sample with mode nearest and align_corners false
 */
export function resampleNearest<T extends Voxels>(
  source: T,
  shape: Zyx,
  matrix: Matrix3,
  size: Zyx,
  outside: number,
): T {
  const [target, put] = collect(source, shape, sizeOf(size), outside);
  forEachRow(shape, matrix, size, ({ begin, end, first, z, y, x, stepZ, stepY, stepX }) => {
    for (let i = begin; i < end; i++) put(first + i, z + i * stepZ, y + i * stepY, x + i * stepX);
  });
  return target;
}

/** The same for given positions: z of all voxels, then y, then x. */
export function resampleNearestAt<T extends Voxels>(
  source: T,
  shape: Zyx,
  positions: Float32Array,
  outside: number,
): T {
  const voxels = positions.length / 3;
  const [target, put] = collect(source, shape, voxels, outside);
  for (let i = 0; i < voxels; i++) {
    put(i, positions[i], positions[voxels + i], positions[2 * voxels + i]);
  }
  return target;
}

/** Room for the result, and what puts a position's values there. */
function collect<T extends Voxels>(
  source: T,
  [depth, height, width]: Zyx,
  voxels: number,
  outside: number,
): [target: T, put: (voxel: number, z: number, y: number, x: number) => void] {
  const volume = depth * height * width;
  const ArrayType = source.constructor as new (length: number) => T;
  const target = new ArrayType(source.length / volume * voxels);
  target.fill(outside);
  const put = (voxel: number, z: number, y: number, x: number) => {
    const i = roundHalfToEven(z), j = roundHalfToEven(y), k = roundHalfToEven(x);
    if (i < 0 || j < 0 || k < 0 || i >= depth || j >= height || k >= width) return;
    let from = (i * height + j) * width + k;
    for (let to = voxel; to < target.length; to += voxels, from += volume) {
      target[to] = source[from];
    }
  };
  return [target, put];
}
