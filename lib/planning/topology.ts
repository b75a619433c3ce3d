/**
 * Plans how often and along which axes a U-Net halves its patch.
 *
 * @see MIC-DKFZ/nnUNet@0e495086
 * nnunetv2/experiment_planning/experiment_planners/network_topology.py
 */

import type { Shape } from "../array/nd_array.ts";

/** Shortest edge of a feature map, in voxels. */
const MIN_EDGE = 4;

/** Stages of a U-Net and the patches that fit it. */
export interface Topology {
  /** Stride per stage and axis; the first stage's is all ones. */
  readonly strides: readonly Shape[];
  /** Kernel extent per stage and axis. */
  readonly kernelSizes: readonly Shape[];
  /** Divisors of patch extents per axis: 2 to the power of the number of halvings. */
  readonly divisors: Shape;
  /** The requested size, enlarged to multiples of `divisors`. */
  readonly patchSize: Shape;
}

/**
 * Plans the stages for a patch.
 *
 * Halves finely spaced axes until they are about as coarse as the others, then all together, while
 * at least 4 voxels remain. An axis has kernel extent 3 from the first stage in which it is less than
 * twice as coarse as the finest.
 *
 * @param spacing Millimetres per axis.
 * @param size Requested patch in voxels per axis; may be fractional.
 *
 * @example With slices 4 times thicker than pixels, two in-plane halvings come first
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const { strides } = planTopology([4, 1, 1], [16, 64, 64]);
 * assert.deepEqual(strides, [[1, 1, 1], [1, 2, 2], [1, 2, 2], [2, 2, 2], [2, 2, 2]]);
 * ```
 */
export function planTopology(spacing: readonly number[], size: Shape): Topology {
  const currentSpacing = [...spacing];
  const currentSize = [...size];
  const kernel = spacing.map(() => 1);
  const strides = [spacing.map(() => 1)];
  const kernelSizes: number[][] = [];

  for (
    let halved = axesToHalve(currentSpacing, currentSize);
    halved.length > 0;
    halved = axesToHalve(currentSpacing, currentSize)
  ) {
    const finest = Math.min(...currentSpacing);
    currentSpacing.forEach((value, axis) => {
      if (value / finest < 2) kernel[axis] = 3;
    });
    kernelSizes.push([...kernel]);
    for (const axis of halved) {
      currentSpacing[axis] *= 2;
      currentSize[axis] = Math.ceil(currentSize[axis] / 2);
    }
    strides.push(spacing.map((_, axis) => halved.includes(axis) ? 2 : 1));
  }
  kernelSizes.push(spacing.map(() => 3));

  const divisors = spacing.map((_, axis) =>
    strides.reduce((product, stride) => product * stride[axis], 1)
  );
  const patchSize = size.map((extent, axis) => Math.ceil(extent / divisors[axis]) * divisors[axis]);
  return { strides, kernelSizes, divisors, patchSize };
}

/** Returns the axes to halve next; none at the bottleneck. */
function axesToHalve(spacing: readonly number[], size: Shape): number[] {
  const longEnough = spacing.flatMap((_, axis) => size[axis] >= 2 * MIN_EDGE ? [axis] : []);
  const finest = Math.min(...longEnough.map((axis) => spacing[axis]));
  const fineEnough = longEnough.filter((axis) => spacing[axis] / finest < 2);
  const isLoneShortAxis = fineEnough.length === 1 && size[fineEnough[0]] < 3 * MIN_EDGE;
  return isLoneShortAxis ? [] : fineEnough;
}
