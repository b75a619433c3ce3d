/** From logits on the plan's grid to a label map on the scan's own. */

import { type NdArray, sameShape, type Shape, sizeOf, type Zyx } from "../array/nd_array.ts";
import { permuteAxes } from "../array/permute_axes.ts";
import type { Segmentation } from "../image/image.ts";
import type { NpzArray } from "../interop/npz.ts";
import type { Configuration, PlansData } from "../files/plans.ts";
import type { CaseProperties } from "../preprocessing/preprocessed_case.ts";
import { resampledShape, separateAxis, targetSpacing } from "../preprocessing/resampling_rules.ts";
import { type Heads, type LabelRule, type Labels, largestLogit } from "./label_rule.ts";
import { LabelTarget, type TargetGrid } from "./label_target.ts";
import { forEachResampledPlane } from "./resample_planes.ts";

/** Where logits came from and what they mean. */
export interface ExportOptions {
  /** Of the case the logits were predicted for. */
  readonly properties: CaseProperties;
  readonly plans: Pick<PlansData, "transposeBackward">;
  readonly configuration: Pick<Configuration, "spacing">;
  /** How labels follow from logits; by default the largest wins. */
  readonly rule?: LabelRule;
}

/**
 * Undoes preprocessing for a prediction: resamples logits linearly, decides labels, puts them back
 * into the uncropped volume (background outside) and restores the axis order.
 *
 * Labels are decided on resampled logits, not resampled labels, yet beyond its input this needs
 * little more memory than the label map it returns, however many heads there are.
 *
 * @param logits (heads, z, y, x), on the grid that preprocessing made.
 * @returns Labels with the scan's own geometry; 16 bits wide only if a label needs it.
 * @throws {TypeError} If the logits are not on the case's grid.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/inference/export_prediction.py
 */
export function exportLogits(
  logits: NdArray,
  { properties, plans, configuration, rule = largestLogit(logits.shape[0]) }: ExportOptions,
): Segmentation {
  const { shapeAfterCropping: shape, spacingAfterTransposing: spacing } = properties;
  const planSpacing = requireCaseGrid(logits, properties, configuration.spacing);
  const grid = { shape, spacing: planSpacing, newSpacing: spacing };
  return restoreLabels(labelsOnGrid(logits, grid, rule), properties, plans);
}

/**
 * Puts labels on the cropped grid back where their scan came from.
 *
 * @param cropped (z, y, x) in the plan's order of axes.
 */
export function restoreLabels(
  cropped: Labels,
  properties: CaseProperties,
  plans: ExportOptions["plans"],
): Segmentation {
  const whole = cropped instanceof Uint8Array
    ? new Uint8Array(sizeOf(properties.shapeBeforeCropping))
    : new Uint16Array(sizeOf(properties.shapeBeforeCropping));
  const { data } = permuteAxes(
    revertCropping<Labels>(cropped, properties, whole),
    plans.transposeBackward,
  );
  return { geometry: properties.geometry, data };
}

/** The spacing of the logits. @throws {TypeError} If they are not on the case's grid. */
function requireCaseGrid(
  logits: NdArray,
  { shapeAfterCropping, spacingAfterTransposing: spacing }: CaseProperties,
  planned: readonly number[],
): Zyx {
  const planSpacing = targetSpacing(planned, spacing);
  const expected = [
    logits.shape[0],
    ...resampledShape(shapeAfterCropping, spacing, planSpacing),
  ];
  if (sameShape(logits.shape, expected)) return planSpacing;
  throw new TypeError(
    `Cannot export logits: shape is [${logits.shape}], expected [${expected}] for this case`,
  );
}

/**
 * Resamples logits linearly and decides labels.
 *
 * @param logits (heads, z, y, x)
 * @returns Labels, (z, y, x).
 */
export function labelsOnGrid(
  logits: NdArray<Float32Array>,
  grid: TargetGrid,
  rule: LabelRule,
): Labels {
  const target = LabelTarget.of(logits.shape.slice(1), grid, rule);
  target.add({ ...logits, origin: [0, 0, 0] });
  return target.labels;
}

/**
 * Undoes preprocessing for probabilities: resamples logits linearly, makes probabilities of them
 * and puts these back into the uncropped volume, where all outside is background.
 *
 * Heads are made one after another as the result is read, each anew from the logits, so that beyond
 * its input this needs the memory of two heads on the scan's grid.
 *
 * @param logits (heads, z, y, x), on the grid that preprocessing made.
 * @returns (heads, z, y, x) in the scan's order of axes, a head after another.
 * @throws {TypeError} If the logits are not on the case's grid.
 */
export function exportProbabilities(
  logits: NdArray,
  { properties, plans, configuration, heads }: Omit<ExportOptions, "rule"> & {
    readonly heads: Heads;
  },
): NpzArray {
  const { shapeAfterCropping: shape, spacingAfterTransposing: spacing, geometry } = properties;
  const planSpacing = requireCaseGrid(logits, properties, configuration.spacing);
  const separate = separateAxis(planSpacing, spacing);
  const planeSize = shape[1] * shape[2];
  const [, ...grid] = logits.shape;
  const pieces = function* () {
    const normalizer = heads.painted ? undefined : logSumExp(logits, shape, separate);
    const cropped = new Float32Array(sizeOf(shape));
    for (let head = 0; head < heads.count; head++) {
      const from = head * sizeOf(grid);
      const one = { shape: [1, ...grid], data: logits.data.subarray(from, from + sizeOf(grid)) };
      forEachResampledPlane(one, shape, separate, (z, _, plane) => {
        const begin = z * planeSize;
        for (let i = 0; i < planeSize; i++) {
          cropped[begin + i] = normalizer
            ? Math.exp(plane[i] - normalizer[begin + i])
            : 1 / (1 + Math.exp(-plane[i]));
        }
      });
      const isBackground = head === 0 && !heads.painted;
      const outside = new Float32Array(sizeOf(properties.shapeBeforeCropping))
        .fill(isBackground ? 1 : 0);
      yield permuteAxes(revertCropping(cropped, properties, outside), plans.transposeBackward).data;
    }
  };
  return { shape: [heads.count, ...geometry.shape], pieces: pieces() };
}

/** What to take from resampled logits so that their exponentials add up to 1, (z, y, x). */
function logSumExp(logits: NdArray, shape: Shape, separate: number | undefined): Float64Array {
  const [heads] = logits.shape;
  const planeSize = shape[1] * shape[2];
  const result = new Float64Array(sizeOf(shape));
  const largest = new Float32Array(planeSize);
  const sum = new Float64Array(planeSize);
  forEachResampledPlane(logits, shape, separate, (z, head, plane) => {
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

/** Puts values into the box they were cropped from, in place of what `whole` has there. */
function revertCropping<T extends Labels | Float32Array>(
  cropped: T,
  { shapeBeforeCropping, cropBox }: CaseProperties,
  whole: T,
): NdArray<T> {
  const [z, y, x] = cropBox;
  const [, height, width] = shapeBeforeCropping;
  const length = x[1] - x[0];
  let row = 0;
  for (let slice = z[0]; slice < z[1]; slice++) {
    for (let line = y[0]; line < y[1]; line++, row += length) {
      whole.set(cropped.subarray(row, row + length), (slice * height + line) * width + x[0]);
    }
  }
  return { shape: shapeBeforeCropping, data: whole };
}
