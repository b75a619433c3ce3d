/** From logits on the plan's grid to a label map on the scan's own. */

import { type NdArray, sameShape, sizeOf } from "../array/nd_array.ts";
import { permuteAxes } from "../array/permute_axes.ts";
import type { Segmentation } from "../image/image.ts";
import type { Configuration, PlansData } from "../planning/plans.ts";
import type { CaseProperties } from "../preprocessing/preprocessed_case.ts";
import { resampledShape, separateAxis, targetSpacing } from "../preprocessing/resampling_rules.ts";
import { type LabelRule, type Labels, largestLogit } from "./label_rule.ts";
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
  const planSpacing = targetSpacing(configuration.spacing, spacing);
  const expected = [logits.shape[0], ...resampledShape(shape, spacing, planSpacing)];
  if (!sameShape(logits.shape, expected)) {
    throw new TypeError(
      `Cannot export logits: shape is [${logits.shape}], expected [${expected}] for this case`,
    );
  }
  const cropped = labelBuffer(rule.highestLabel, sizeOf(shape));
  const planeSize = shape[1] * shape[2];
  forEachResampledPlane(logits, shape, separateAxis(planSpacing, spacing), (z, head, plane) => {
    rule.take(head, plane, cropped.subarray(z * planeSize, (z + 1) * planeSize));
  });
  const { geometry } = properties;
  const { data } = permuteAxes(revertCropping(cropped, properties), plans.transposeBackward);
  return { geometry, data };
}

/** Puts labels into the box they were cropped from. */
function revertCropping(
  cropped: Labels,
  { shapeBeforeCropping, cropBox }: CaseProperties,
): NdArray<Labels> {
  const [z, y, x] = cropBox;
  const [depth, height, width] = shapeBeforeCropping;
  const length = x[1] - x[0];
  const data = cropped instanceof Uint8Array
    ? new Uint8Array(depth * height * width)
    : new Uint16Array(depth * height * width);
  let row = 0;
  for (let slice = z[0]; slice < z[1]; slice++) {
    for (let line = y[0]; line < y[1]; line++, row += length) {
      data.set(cropped.subarray(row, row + length), (slice * height + line) * width + x[0]);
    }
  }
  return { shape: shapeBeforeCropping, data };
}

function labelBuffer(highestLabel: number, size: number): Labels {
  return highestLabel > 255 ? new Uint16Array(size) : new Uint8Array(size);
}
