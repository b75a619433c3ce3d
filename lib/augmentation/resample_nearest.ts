/** Resamples a patch by nearest-neighbour. */

import { sizeOf, type Zyx } from "../array/nd_array.ts";
import { roundHalfToEven } from "../array/rounding.ts";
import { forEachRow } from "./resample_patch.ts";
import type { Matrix3 } from "./sampling_matrix.ts";

type Voxels = Float32Array<ArrayBuffer> | Int16Array<ArrayBuffer>;

/**
 * Samples the voxels nearest to the positions `matrix · (o − centre) + sourceCentre` of voxels `o`.
 *
 * @param source Values, (channel, …shape).
 * @param outside Value of positions outside the source.
 * @returns Values, (channel, …size).
 * @see torch.nn.functional.grid_sample with mode nearest and align_corners false
 */
export function resampleNearest<T extends Voxels>(
  source: T,
  shape: Zyx,
  matrix: Matrix3,
  size: Zyx,
  outside: number,
): T {
  const [target, sample] = sampler(source, shape, sizeOf(size), outside);
  forEachRow(shape, matrix, size, ({ begin, end, first, z, y, x, stepZ, stepY, stepX }) => {
    for (let i = begin; i < end; i++) {
      sample(first + i, z + i * stepZ, y + i * stepY, x + i * stepX);
    }
  });
  return target;
}

/** Like {@link resampleNearest}, at given positions, (axis, …voxels). */
export function resampleNearestAt<T extends Voxels>(
  source: T,
  shape: Zyx,
  positions: Float32Array,
  outside: number,
): T {
  const voxels = positions.length / 3;
  const [target, sample] = sampler(source, shape, voxels, outside);
  for (let i = 0; i < voxels; i++) {
    sample(i, positions[i], positions[voxels + i], positions[2 * voxels + i]);
  }
  return target;
}

/** Allocates the result and returns it with a function that samples one position. */
function sampler<T extends Voxels>(
  source: T,
  [depth, height, width]: Zyx,
  voxels: number,
  outside: number,
): [target: T, sample: (voxel: number, z: number, y: number, x: number) => void] {
  const volume = depth * height * width;
  const ArrayType = source.constructor as new (length: number) => T;
  const target = new ArrayType(source.length / volume * voxels);
  target.fill(outside);
  const sample = (voxel: number, z: number, y: number, x: number) => {
    const i = roundHalfToEven(z), j = roundHalfToEven(y), k = roundHalfToEven(x);
    if (i < 0 || j < 0 || k < 0 || i >= depth || j >= height || k >= width) return;
    let from = (i * height + j) * width + k;
    for (let to = voxel; to < target.length; to += voxels, from += volume) {
      target[to] = source[from];
    }
  };
  return [target, sample];
}
