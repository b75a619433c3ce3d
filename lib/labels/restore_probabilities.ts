/** Turns logits on the plan's grid into probabilities on the scan's grid. */

import { insertBox } from "../array/insert_box.ts";
import { type NdArray, sameShape, type Shape, sizeOf } from "../array/nd_array.ts";
import { permuteAxes } from "../array/permute_axes.ts";
import type { Configuration, PlansData } from "../files/plans.ts";
import type { NpzArray } from "../interop/npz.ts";
import type { Heads } from "../model/heads.ts";
import type { CaseProperties } from "../preprocessing/preprocessed_case.ts";
import { type AxisMethods, haveTwoTaps, type TwoTapMethod } from "../preprocessing/axis_methods.ts";
import { plannedGrid } from "../preprocessing/resampling_rules.ts";
import { methodsTo } from "./label_target.ts";
import { resampleTo } from "./label_whole.ts";
import { forEachResampledPlane } from "./resample_planes.ts";
import { targetGrids } from "./target_grids.ts";

/** The case and model that logits belong to. */
export interface RestoreProbabilitiesOptions {
  /** Properties of the case that the logits were predicted for. */
  readonly properties: CaseProperties;
  readonly plansData: Pick<PlansData, "transposeBackward">;
  readonly configuration: Pick<Configuration, "spacing" | "resampling">;
  /** What the heads stand for. */
  readonly heads: Heads;
}

/**
 * Undoes preprocessing for probabilities: resamples logits, turns them into probabilities and
 * inserts these into the uncropped volume; everything outside the crop is background.
 *
 * Heads are computed one after another while the result is read, so beyond its input this needs
 * the memory of two heads on the scan's grid. If the plan resamples logits otherwise than linearly
 * or by the nearest voxel, it needs all heads there.
 *
 * @param logits (heads, z, y, x) on the grid of the preprocessed case.
 * @param options The case and model that the logits belong to.
 * @returns (heads, z, y, x) in the scan's order of axes, with one piece per head.
 * @throws {TypeError} If the logits are not on the case's grid.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/inference/export_prediction.py
 */
export async function restoreProbabilities(
  logits: NdArray<Float32Array<ArrayBuffer>>,
  { properties, plansData, configuration, heads }: RestoreProbabilitiesOptions,
): Promise<NpzArray> {
  const { shapeAfterCropping: shape, geometry } = properties;
  const { cropBox, shapeBeforeCropping: whole } = properties;
  requireCaseGrid(logits, properties, configuration);
  const [target] = targetGrids(properties, configuration);
  const planned = methodsTo(target, logits.shape.slice(1));
  if (!haveTwoTaps(planned, logits.shape.slice(1), shape)) {
    logits = await resampleTo(target, logits);
  }
  // Axes that are resampled already keep their voxels, whatever their method is.
  const methods = planned as AxisMethods<TwoTapMethod>;
  const planeSize = shape[1] * shape[2];
  const [, ...grid] = logits.shape;
  const pieces = function* () {
    const normalizer = heads.regions ? undefined : logSumExp(logits, shape, methods);
    const cropped = new Float32Array(sizeOf(shape));
    for (let head = 0; head < heads.count; head++) {
      const from = head * sizeOf(grid);
      const one = { shape: [1, ...grid], data: logits.data.subarray(from, from + sizeOf(grid)) };
      forEachResampledPlane(one, shape, methods, (z, _, plane) => {
        const begin = z * planeSize;
        for (let i = 0; i < planeSize; i++) {
          cropped[begin + i] = normalizer
            ? Math.exp(plane[i] - normalizer[begin + i])
            : 1 / (1 + Math.exp(-plane[i]));
        }
      });
      const isBackground = head === 0 && !heads.regions;
      const data = insertBox(cropped, cropBox, whole, isBackground ? 1 : 0);
      yield permuteAxes({ shape: whole, data }, plansData.transposeBackward).data;
    }
  };
  return { shape: [heads.count, ...geometry.shape], pieces: pieces() };
}

/**
 * Logarithm of the sum of the heads' exponentials, (z, y, x): subtracting it from resampled logits
 * makes their exponentials add up to 1.
 */
function logSumExp(
  logits: NdArray,
  shape: Shape,
  methods: AxisMethods<TwoTapMethod>,
): Float64Array {
  const [heads] = logits.shape;
  const planeSize = shape[1] * shape[2];
  const result = new Float64Array(sizeOf(shape));
  const largest = new Float32Array(planeSize);
  const sum = new Float64Array(planeSize);
  forEachResampledPlane(logits, shape, methods, (z, head, plane) => {
    if (head === 0) {
      largest.fill(-Infinity);
      sum.fill(0);
    }
    for (let i = 0; i < planeSize; i++) {
      const value = plane[i];
      if (value <= largest[i]) sum[i] += Math.exp(value - largest[i]);
      else {
        sum[i] = sum[i] * Math.exp(largest[i] - value) + 1;
        largest[i] = value;
      }
    }
    if (head < heads - 1) return;
    const begin = z * planeSize;
    for (let i = 0; i < planeSize; i++) result[begin + i] = largest[i] + Math.log(sum[i]);
  });
  return result;
}

/** @throws {TypeError} If the logits are not on the case's grid. */
function requireCaseGrid(
  logits: NdArray,
  { shapeAfterCropping, spacingAfterTransposing }: CaseProperties,
  configuration: Pick<Configuration, "spacing" | "resampling">,
): void {
  const { shape } = plannedGrid(configuration, shapeAfterCropping, spacingAfterTransposing);
  const expected = [logits.shape[0], ...shape];
  if (sameShape(logits.shape, expected)) return;
  throw new TypeError(
    `Cannot restore probabilities: logits have shape [${logits.shape}], ` +
      `expected [${expected}] for this case`,
  );
}
