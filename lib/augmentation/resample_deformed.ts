/** Resamples a patch through an affine matrix and a displacement field. */

import { sizeOf, type Zyx } from "../array/nd_array.ts";
import { interpolate, voteAt } from "./resample_patch.ts";
import type { Matrix3 } from "./sampling_matrix.ts";

/**
 * Computes the source position of each voxel `o` of the result: `matrix · (o + displacement − centre)
 * + sourceCentre`, with the mean displacement subtracted so that the patch stays centred.
 *
 * @param shape The source's shape, (z, y, x).
 * @param size The result's shape, (z, y, x).
 * @param displacement In voxels, (axis, z, y, x), or (axis, y, x) to displace all slices alike.
 * @returns Positions in source voxels, (axis, z, y, x).
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

/** Interpolates every channel linearly at positions (axis, …voxels), with zeros outside. */
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

/** Returns the label with the most weight at positions (axis, …voxels), −1 outside. */
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
