/** Reduces volumes to a coarser grid for pages that cannot hold all voxels. */

import type { Labels } from "../array/labels.ts";
import type { Zyx } from "../array/nd_array.ts";

/**
 * Returns the number of voxels to merge per axis so that at most `limit` remain: powers of two that
 * make the spacing more even.
 *
 * @param shape Voxels per axis, (z, y, x).
 * @param spacing Millimetres per axis, (z, y, x).
 */
export function strideFor(shape: Zyx, spacing: Zyx, limit: number): Zyx {
  const stride: [number, number, number] = [1, 1, 1];
  while (stride.reduce((voxels, step, axis) => voxels * Math.ceil(shape[axis] / step), 1) > limit) {
    const finest = [0, 1, 2].filter((axis) => stride[axis] < shape[axis]).reduce((best, axis) =>
      spacing[axis] * stride[axis] < spacing[best] * stride[best] ? axis : best
    );
    stride[finest] *= 2;
  }
  return stride;
}

/** Returns the means of blocks of voxels. @param values Volume, (z, y, x) in C order. */
export function blockMeans(values: Float32Array, shape: Zyx, stride: Zyx): Float32Array {
  const means = new Float32Array(coarseShape(shape, stride).reduce((a, b) => a * b));
  let block = 0;
  for (let z = 0; z < shape[0]; z += stride[0]) {
    for (let y = 0; y < shape[1]; y += stride[1]) {
      for (let x = 0; x < shape[2]; x += stride[2]) {
        let sum = 0, count = 0;
        for (let k = z; k < Math.min(z + stride[0], shape[0]); k++) {
          for (let j = y; j < Math.min(y + stride[1], shape[1]); j++) {
            const row = (k * shape[1] + j) * shape[2];
            for (let i = x; i < Math.min(x + stride[2], shape[2]); i++, count++) {
              sum += values[row + i];
            }
          }
        }
        means[block++] = sum / count;
      }
    }
  }
  return means;
}

/** Returns the labels at the centres of blocks. @param labels Label map, (z, y, x) in C order. */
export function blockLabels<T extends Labels>(
  labels: T,
  shape: Zyx,
  stride: Zyx,
): T {
  const middle = (start: number, axis: number) =>
    Math.min(shape[axis] - 1, start + (stride[axis] >> 1));
  const size = coarseShape(shape, stride).reduce((a, b) => a * b);
  const coarse = (labels instanceof Uint8Array ? new Uint8Array(size) : new Uint16Array(size)) as T;
  let block = 0;
  for (let z = 0; z < shape[0]; z += stride[0]) {
    for (let y = 0; y < shape[1]; y += stride[1]) {
      const row = (middle(z, 0) * shape[1] + middle(y, 1)) * shape[2];
      for (let x = 0; x < shape[2]; x += stride[2]) coarse[block++] = labels[row + middle(x, 2)];
    }
  }
  return coarse;
}

/** Returns the number of blocks per axis, counting an incomplete last one. */
export function coarseShape(shape: Zyx, stride: Zyx): Zyx {
  return shape.map((extent, axis) => Math.ceil(extent / stride[axis])) as [number, number, number];
}
