/** Bringing label maps onto another voxel grid without inventing labels. */

import { equalRunIn } from "../array/equal_run.ts";
import { type LinearTaps, linearTaps } from "../array/linear_taps.ts";
import { takeArray } from "../array/memory.ts";
import { type NdArray, sameShape, type Shape, sizeOf } from "../array/nd_array.ts";
import { nearestIndex, resizedCoordinate } from "../array/resize_matrix.ts";
import { separateAxis } from "./resampling_rules.ts";

/**
 * Resamples a label map: the label with most weight wins.
 *
 * The weight of a label is its 0/1 mask, interpolated linearly (by nearest neighbour along a coarse
 * axis, see {@link separateAxis}). Where labels tie, the nearest voxel's label wins if it is among
 * them, else the lowest. Only the eight surrounding voxels can have weight, so they vote directly
 * and no mask is ever built: the cost does not depend on the number of labels.
 *
 * With earlier batchgenerators nnU-Net instead set each label in ascending order where its mask was
 * ≥ 0.5; that differs at ties and where three or more labels meet.
 *
 * @param segmentation Labels, (z, y, x).
 * @param shape New shape, (z, y, x).
 * @param spacing Before, (z, y, x), mm.
 * @param newSpacing After, (z, y, x), mm.
 * @returns New array, or `segmentation` itself if it already has the shape.
 * @see MIC-DKFZ/batchgenerators 0.25.5 batchgenerators/augmentations/utils.py
 */
export function resampleSegmentation<T extends Int8Array<ArrayBuffer> | Int16Array<ArrayBuffer>>(
  segmentation: NdArray<T>,
  shape: Shape,
  spacing: readonly number[],
  newSpacing: readonly number[],
): NdArray<T> {
  const from = segmentation.shape;
  if (sameShape(from, shape)) return segmentation;
  const separate = separateAxis(spacing, newSpacing);
  const [z, y, x] = from.map((extent, axis) =>
    linearTaps(extent, shape[axis], axis === separate ? 0 : 1)
  );
  const [nearestZ, nearestY, nearestX] = from.map((extent, axis) =>
    Int32Array.from(
      { length: shape[axis] },
      (_, i) => nearestIndex(resizedCoordinate(i, extent, shape[axis]), extent),
    )
  );
  const source = segmentation.data;
  const size = sizeOf(shape);
  const result =
    (source instanceof Int8Array
      ? takeArray(Int8Array<ArrayBuffer>, size)
      : takeArray(Int16Array<ArrayBuffer>, size)) as T;
  /** Of each old column: the label of all four old rows, if it is one. */
  const agreed = new Int16Array(from[2]);
  const rowStart = (slice: number, row: number) => (slice * from[1] + row) * from[2];
  const vote = createVote();
  const single = singleLabelRows(segmentation);

  let target = 0;
  for (let k = 0; k < shape[0]; k++) {
    for (let j = 0; j < shape[1]; j++) {
      const nearestRow = rowStart(nearestZ[k], nearestY[j]);
      const r0 = rowStart(z.first[k], y.first[j]);
      const r1 = rowStart(z.first[k], y.second[j]);
      const r2 = rowStart(z.second[k], y.first[j]);
      const r3 = rowStart(z.second[k], y.second[j]);
      if ([r0, r1, r2, r3].every((row) => single[row / from[2]] && source[row] === source[r0])) {
        result.fill(source[r0], target, target + shape[2]);
        target += shape[2];
        continue;
      }
      for (let i = 0; i < agreed.length; i++) {
        const label = source[r0 + i];
        const same = label === source[r1 + i] && label === source[r2 + i] &&
          label === source[r3 + i];
        agreed[i] = same ? label : DISAGREED;
      }
      for (let i = 0; i < shape[2]; i++, target++) {
        const label = agreed[x.first[i]];
        if (label !== DISAGREED && label === agreed[x.second[i]]) {
          result[target] = label; // Almost every voxel: no label ends here.
          continue;
        }
        vote.clear();
        vote.addRow(source, r0, z.firstWeight[k] * y.firstWeight[j], x, i);
        vote.addRow(source, r1, z.firstWeight[k] * y.secondWeight[j], x, i);
        vote.addRow(source, r2, z.secondWeight[k] * y.firstWeight[j], x, i);
        vote.addRow(source, r3, z.secondWeight[k] * y.secondWeight[j], x, i);
        result[target] = vote.winner(source[nearestRow + nearestX[i]]);
      }
    }
  }
  return { shape, data: result };
}

/** Whether each row along x has one label only, as most rows have. */
function singleLabelRows(
  { shape: [depth, height, width], data }: NdArray<Int8Array | Int16Array>,
): readonly boolean[] {
  const endOfRun = equalRunIn(data);
  return Array.from({ length: depth * height }, (_, row) => {
    const end = (row + 1) * width;
    return endOfRun(row * width, end) === end;
  });
}

/** No label: they begin at −1. */
const DISAGREED = -32768;

/** A count of weights for at most eight labels, reused from voxel to voxel. */
function createVote() {
  const labels = new Int16Array(8);
  const weights = new Float64Array(8);
  let count = 0;

  function add(label: number, weight: number) {
    let entry = 0;
    while (entry < count && labels[entry] !== label) entry++;
    if (entry === count) {
      labels[count] = label;
      weights[count++] = 0;
    }
    weights[entry] += weight;
  }

  return {
    clear() {
      count = 0;
    },
    addRow(
      source: Int8Array | Int16Array,
      start: number,
      weight: number,
      x: LinearTaps,
      i: number,
    ) {
      add(source[start + x.first[i]], weight * x.firstWeight[i]);
      add(source[start + x.second[i]], weight * x.secondWeight[i]);
    },
    winner(nearest: number): number {
      let best = 0;
      let label = labels[0];
      for (let entry = 0; entry < count; entry++) {
        const weight = weights[entry];
        const wins = weight > best || (weight === best && label !== nearest &&
          (labels[entry] === nearest || labels[entry] < label));
        if (wins) {
          best = weight;
          label = labels[entry];
        }
      }
      return label;
    },
  };
}
