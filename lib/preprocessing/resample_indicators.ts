/**
 * Resamples label maps by methods whose voxels depend on many others: each label's 0/1 mask is
 * resampled by itself.
 */

import type { SignedLabels } from "../array/labels.ts";
import { type NdArray, type Shape, sizeOf } from "../array/nd_array.ts";
import {
  type BandMatrix,
  bandOf,
  nearestIndex,
  resizedCoordinate,
} from "../array/resize_matrix.ts";
import { axisMatrix, type AxisMethods } from "./axis_methods.ts";
import { VoteOfAll, type VotingRule } from "./vote.ts";

/**
 * Resamples a label map.
 *
 * @param segmentation Labels, (z, y, x).
 * @param shape New shape, (z, y, x).
 * @param methods How each axis is resized.
 * @param rule How the label is chosen. Weights are clipped to 0 and 1 as splines are, unless the
 * rule is PyTorch's.
 * @returns A new array of the same type.
 */
export function resampleIndicators<T extends SignedLabels>(
  { shape: from, data }: NdArray<T>,
  shape: Shape,
  { axes }: AxisMethods,
  rule: VotingRule,
): NdArray<T> {
  const matrices = axes.map((method, axis) =>
    from[axis] === shape[axis]
      ? undefined
      : bandOf(axisMatrix(method, from[axis], shape[axis]), 1e-17)
  );
  const clips = axes[0].kind === "spline";
  const vote = new VoteOfAll(rule, nearestLabels(data, from, shape));
  for (const label of labelsOf(data)) {
    let weights: Float64Array = Float64Array.from(data, (value) => value === label ? 1 : 0);
    const size = [...from];
    for (const [axis, matrix] of matrices.entries()) {
      if (!matrix) continue;
      weights = multiplyAxis(weights, size, axis, matrix);
      size[axis] = shape[axis];
    }
    if (clips) {
      for (let i = 0; i < weights.length; i++) weights[i] = Math.min(Math.max(weights[i], 0), 1);
    }
    vote.add(label, weights);
  }
  const { winners } = vote;
  const result = data instanceof Int8Array ? Int8Array.from(winners) : winners;
  return { shape, data: result as T };
}

/** Every label that occurs, ascending. */
function labelsOf(data: SignedLabels): number[] {
  const found = new Set<number>();
  for (let i = 0; i < data.length; i++) found.add(data[i]);
  return [...found].sort((a, b) => a - b);
}

/** The label of the old voxel nearest to each new one. */
function nearestLabels(data: SignedLabels, from: Shape, shape: Shape): Int16Array {
  const [z, y, x] = from.map((extent, axis) =>
    Array.from(
      { length: shape[axis] },
      (_, i) => nearestIndex(resizedCoordinate(i, extent, shape[axis]), extent),
    )
  );
  const nearest = new Int16Array(sizeOf(shape));
  let target = 0;
  for (const plane of z) {
    for (const row of y) {
      const begin = (plane * from[1] + row) * from[2];
      for (const column of x) nearest[target++] = data[begin + column];
    }
  }
  return nearest;
}

/** Multiplies a matrix with every line of a volume along an axis. */
function multiplyAxis(
  values: Float64Array,
  shape: readonly number[],
  axis: number,
  { rows, columns, width, first, weights }: BandMatrix,
): Float64Array {
  const outer = sizeOf(shape.slice(0, axis));
  const inner = sizeOf(shape.slice(axis + 1));
  const result = new Float64Array(outer * rows * inner);
  for (let block = 0; block < outer; block++) {
    for (let row = 0; row < rows; row++) {
      const target = (block * rows + row) * inner;
      for (let tap = 0; tap < width; tap++) {
        const weight = weights[row * width + tap];
        if (weight === 0) continue;
        const source = (block * columns + first[row] + tap) * inner;
        for (let i = 0; i < inner; i++) result[target + i] += weight * values[source + i];
      }
    }
  }
  return result;
}
