/** Resamples label maps onto another voxel grid by vote, so that no new labels arise. */

import type { SignedLabels } from "../array/labels.ts";
import { equalRunIn } from "../array/equal_run.ts";
import type { LinearTaps } from "../array/linear_taps.ts";
import { freeArray, takeArray } from "../array/reused_arrays.ts";
import { type NdArray, sameShape, type Shape, sizeOf } from "../array/nd_array.ts";
import { nearestIndex, resizedCoordinate } from "../array/resize_matrix.ts";
import { type Resampling, splineResampling } from "../files/resampling.ts";
import { type AxisMethods, axisMethods, axisTaps, haveTwoTaps } from "./axis_methods.ts";
import { resampleIndicators } from "./resample_indicators.ts";
import { Vote, type VotingRule } from "./vote.ts";

/**
 * Resamples a label map, giving each new voxel the label with the most weight.
 *
 * The weight of a label is its 0/1 mask, by default interpolated linearly (by nearest neighbour
 * along a coarse axis, see `separateAxis()`). In a tie the nearest voxel's label wins if it takes
 * part, otherwise the lowest. With such methods only the eight surrounding voxels can have weight,
 * so they vote directly and no mask is ever built: the cost does not depend on the number of labels.
 * Masks are built for others, such as cubic splines.
 *
 * With earlier versions of batchgenerators, nnU-Net instead set each label in ascending order where
 * its mask was ≥ 0.5; the results differ at ties and where three or more labels meet.
 *
 * @param segmentation Labels, (z, y, x).
 * @param shape New shape, (z, y, x).
 * @param spacing Spacing of `segmentation`, (z, y, x), in mm.
 * @param newSpacing Spacing of the result, (z, y, x), in mm.
 * @param resampling The method; by default nnU-Net's linear one.
 * @returns A new array, or `segmentation` itself if it already has the shape.
 * @throws {RangeError} If the method keeps every grid, and the shapes differ.
 * @see MIC-DKFZ/batchgenerators 0.25.5 batchgenerators/augmentations/utils.py
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/preprocessing/resampling
 */
export function resampleSegmentation<T extends SignedLabels>(
  segmentation: NdArray<T>,
  shape: Shape,
  spacing: readonly number[],
  newSpacing: readonly number[],
  resampling: Resampling = splineResampling.segmentation,
): NdArray<T> {
  const from = segmentation.shape;
  if (sameShape(from, shape)) return segmentation;
  const methods = axisMethods(resampling, { from, to: shape, spacing, newSpacing });
  const { separate } = methods;
  const rule = votingRuleOf(resampling);
  // Slices that are picked need no vote of their own.
  const votesAcross = separate !== undefined &&
    (resampling.kind === "torch" || (resampling.kind === "spline" && resampling.orderAcross > 0));
  if (!votesAcross) return resizeLabels(segmentation, shape, methods, rule);
  const slices = shape.with(separate, from[separate]);
  const resized = resizeLabels(segmentation, slices, methods, rule);
  const result = resizeLabels(
    resized,
    shape,
    methods,
    resampling.kind === "spline" ? "majority" : rule,
  );
  if (resized !== segmentation && resized !== result) freeArray(resized.data);
  return result;
}

function votingRuleOf(resampling: Resampling): VotingRule {
  if (resampling.kind !== "torch") return "nearest";
  return resampling.majority ? "float32 majority" : "half precision";
}

/** Resizes every axis that changes, with one vote per new voxel. */
function resizeLabels<T extends SignedLabels>(
  segmentation: NdArray<T>,
  shape: Shape,
  methods: AxisMethods,
  rule: VotingRule,
): NdArray<T> {
  const from = segmentation.shape;
  if (sameShape(from, shape)) return segmentation;
  if (!haveTwoTaps(methods, from, shape)) {
    return resampleIndicators(segmentation, shape, methods, rule);
  }
  const [z, y, x] = from.map((extent, axis) => axisTaps(methods.axes[axis], extent, shape[axis]));
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
  const single = singleLabelRows(segmentation);
  const rows = new RowsBetween(source, from[2], x, nearestX, new Vote(rule));
  for (let k = 0; k < shape[0]; k++) {
    for (let j = 0; j < shape[1]; j++) {
      const target = (k * shape[1] + j) * shape[2];
      const around: FourRows = [
        z.first[k] * from[1] + y.first[j],
        z.first[k] * from[1] + y.second[j],
        z.second[k] * from[1] + y.first[j],
        z.second[k] * from[1] + y.second[j],
      ];
      const label = source[around[0] * from[2]];
      if (around.every((row) => single[row] && source[row * from[2]] === label)) {
        result.fill(label, target, target + shape[2]);
        continue;
      }
      const weights: FourRows = [
        z.firstWeight[k] * y.firstWeight[j],
        z.firstWeight[k] * y.secondWeight[j],
        z.secondWeight[k] * y.firstWeight[j],
        z.secondWeight[k] * y.secondWeight[j],
      ];
      rows.resample(around, weights, nearestZ[k] * from[1] + nearestY[j], result, target);
    }
  }
  return { shape, data: result };
}

/** A value for each of the four old rows around a new one: first the two of the earlier plane. */
type FourRows = readonly [number, number, number, number];

/**
 * Computes new rows from the four old ones around them. This is a separate class because V8
 * optimises per function; inside the loop over all rows, it deoptimised the inner loop repeatedly.
 */
class RowsBetween {
  /** For each old column, the label that all four old rows have in common, if any. */
  readonly #agreed: Int16Array;

  constructor(
    readonly source: SignedLabels,
    readonly columns: number,
    readonly x: LinearTaps,
    readonly nearestX: Int32Array,
    readonly vote: Vote,
  ) {
    this.#agreed = new Int16Array(columns);
  }

  resample(
    around: FourRows,
    weights: FourRows,
    nearest: number,
    result: SignedLabels,
    target: number,
  ): void {
    const { source, columns, x: { first, second }, nearestX } = this;
    const agreed = this.#agreed;
    const [r0, r1, r2, r3] = around.map((row) => row * columns);
    for (let i = 0; i < columns; i++) {
      const label = source[r0 + i];
      const same = label === source[r1 + i] && label === source[r2 + i] &&
        label === source[r3 + i];
      agreed[i] = same ? label : DISAGREED;
    }
    for (let i = 0; i < nearestX.length; i++) {
      const label = agreed[first[i]];
      result[target + i] = label !== DISAGREED && label === agreed[second[i]]
        ? label // The case for almost every voxel, away from boundaries of labels.
        : this.#elect(around, weights, i, source[nearest * columns + nearestX[i]]);
    }
  }

  /** The label with the most weight among the eight voxels around a new one. */
  #elect(around: FourRows, weights: FourRows, i: number, nearest: number): number {
    const { source, columns, x, vote } = this;
    vote.clear();
    for (let corner = 0; corner < 4; corner++) {
      const row = around[corner] * columns;
      vote.add(source[row + x.first[i]], weights[corner] * x.firstWeight[i]);
      vote.add(source[row + x.second[i]], weights[corner] * x.secondWeight[i]);
    }
    return vote.winner(nearest);
  }
}

/** Whether each row along x has a single label, as most rows do. */
function singleLabelRows(
  { shape: [depth, height, width], data }: NdArray<SignedLabels>,
): readonly boolean[] {
  const endOfRun = equalRunIn(data);
  return Array.from({ length: depth * height }, (_, row) => {
    const end = (row + 1) * width;
    return endOfRun(row * width, end) === end;
  });
}

/** Not a label, as labels are −1 or greater. */
const DISAGREED = -32768;
