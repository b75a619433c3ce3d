/**
 * Detects convolutions that divide an image into bricks, adjacent boxes of voxels.
 *
 * A convolution whose kernel equals its stride computes a voxel of its result from one brick of its
 * image; a transposed one computes a brick from a voxel. With the voxels of a brick as channels,
 * both are matrix products.
 */

import type { ConvolutionAttributes } from "../graph/attributes.ts";

/** Whether a convolution divides images into bricks: one group, no padding, kernel = stride. */
export function cutsIntoBricks(
  kernel: readonly number[],
  { strides, pads, dilations, group }: ConvolutionAttributes,
): boolean {
  return group === 1 && kernel.every((extent, i) => extent === strides[i]) &&
    pads.every((p) => p === 0) && dilations.every((d, i) => d === 1 || kernel[i] === 1);
}
