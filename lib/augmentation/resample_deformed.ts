/** Resampling a patch through a matrix and a displacement of every voxel. */

import { sizeOf, type Zyx } from "../array/nd_array.ts";
import { interpolate, voteAt } from "./resample_patch.ts";
import type { Matrix3 } from "./sampling_matrix.ts";

/**
 * Where each voxel of the result lies in the source: `matrix · (o + displacement − centre) +
 * sourceCentre`, moved so that the displacements leave the middle of all positions where it was.
 *
 * @param displacement In voxels; (z, y, x) fields one after the other, or (y, x) fields of one slice
 * for all slices.
 * @returns z positions of all voxels, then y, then x.
 * @see MIC-DKFZ/batchgeneratorsv2 0.3.6 transforms/spatial/spatial.py, center_deformation
 */
export function deformedPositions(
  shape: Zyx,
  matrix: Matrix3,
  size: Zyx,
  displacement: Float32Array,
): Float32Array {
  const voxels = sizeOf(size), plane = size[1] * size[2];
  const planar = displacement.length === 2 * plane;
  const period = planar ? plane : voxels;
  const fields = planar
    ? [undefined, displacement.subarray(0, period), displacement.subarray(period)]
    : [0, 1, 2].map((axis) => displacement.subarray(axis * period, (axis + 1) * period));
  const means = fields.map((field) =>
    field ? field.reduce((sum, value) => sum + value, 0) / period : 0
  );
  const positions = new Float32Array(3 * voxels);
  const offset = [0, 1, 2].map((axis) => (size[axis] - 1) / 2 + means[axis]);
  for (let voxel = 0; voxel < voxels; voxel++) {
    const i = voxel % period;
    const z = Math.floor(voxel / plane) + (fields[0] ? fields[0][i] : 0) - offset[0];
    const y = Math.floor(voxel / size[2]) % size[1] + fields[1]![i] - offset[1];
    const x = voxel % size[2] + fields[2]![i] - offset[2];
    for (let axis = 0; axis < 3; axis++) {
      positions[axis * voxels + voxel] = matrix[3 * axis] * z + matrix[3 * axis + 1] * y +
        matrix[3 * axis + 2] * x + (shape[axis] - 1) / 2;
    }
  }
  return positions;
}

/** Linear interpolation of every channel at given positions, zero outside. */
export function resampleImageAt(
  source: Float32Array,
  shape: Zyx,
  positions: Float32Array,
): Float32Array<ArrayBuffer> {
  const voxels = positions.length / 3, volume = sizeOf(shape);
  const target = new Float32Array(source.length / volume * voxels);
  for (let to = 0, first = 0; to < target.length; to += voxels, first += volume) {
    for (let i = 0; i < voxels; i++) {
      const z = positions[i], y = positions[voxels + i], x = positions[2 * voxels + i];
      target[to + i] = interpolate(source, first, shape, z, y, x);
    }
  }
  return target;
}

/** The label with most weight at given positions, −1 outside. */
export function resampleLabelsAt(
  source: Int16Array,
  shape: Zyx,
  positions: Float32Array,
): Int16Array<ArrayBuffer> {
  const voxels = positions.length / 3;
  const target = new Int16Array(voxels);
  for (let i = 0; i < voxels; i++) {
    const z = positions[i], y = positions[voxels + i], x = positions[2 * voxels + i];
    target[i] = voteAt(source, shape, z, y, x);
  }
  return target;
}
