/** Turns labels of a cropped, transposed case into a label map on the scan's grid. */

import { insertBox } from "../array/insert_box.ts";
import type { Labels } from "../array/labels.ts";
import { permuteAxes } from "../array/permute_axes.ts";
import type { PlansData } from "../files/plans.ts";
import type { Segmentation } from "../image/image.ts";
import type { CaseProperties } from "../preprocessing/preprocessed_case.ts";

/**
 * Undoes cropping and the plan's order of axes; everything outside the crop is background.
 *
 * @param cropped Labels of the cropped scan at its own spacing, (z, y, x) in the plan's order.
 * @param properties Properties of the case that the labels were predicted for.
 * @param plans The plan's order of axes.
 * @returns A label map with the scan's geometry and the data type of `cropped`.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/inference/export_prediction.py
 */
export function restoreLabels(
  cropped: Labels,
  { cropBox, shapeBeforeCropping, geometry }: CaseProperties,
  { transposeBackward }: Pick<PlansData, "transposeBackward">,
): Segmentation {
  const whole = insertBox(cropped, cropBox, shapeBeforeCropping);
  const { data } = permuteAxes({ shape: shapeBeforeCropping, data: whole }, transposeBackward);
  return { geometry, data };
}
