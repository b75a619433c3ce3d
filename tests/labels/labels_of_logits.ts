/** Decides labels of whole logits in one thread, for tests to compare with. */

import type { Labels } from "../../lib/array/labels.ts";
import type { NdArray } from "../../lib/array/nd_array.ts";
import type { Configuration, PlansData } from "../../lib/files/plans.ts";
import type { Segmentation } from "../../lib/image/image.ts";
import { labelRuleOf } from "../../lib/labels/label_rule.ts";
import { LabelTarget, type TargetGrid } from "../../lib/labels/label_target.ts";
import { restoreLabels } from "../../lib/labels/restore_labels.ts";
import { targetGrids } from "../../lib/labels/target_grids.ts";
import type { Heads } from "../../lib/model/heads.ts";
import type { CaseProperties } from "../../lib/preprocessing/preprocessed_case.ts";

/** Decides labels on another grid. @param logits (heads, z, y, x) */
export function labelsOnGrid(
  logits: NdArray<Float32Array>,
  grid: TargetGrid,
  heads: Heads,
): Labels {
  const target = LabelTarget.of(logits.shape.slice(1), grid, labelRuleOf(heads, "logits"));
  target.add({ ...logits, origin: [0, 0, 0] });
  return target.labels;
}

/** Decides labels on the scan's grid, without regions. @param logits (heads, z, y, x) */
export function scanLabelsOf(
  logits: NdArray<Float32Array>,
  { properties, plansData, configuration }: {
    readonly properties: CaseProperties;
    readonly plansData: Pick<PlansData, "transposeBackward">;
    readonly configuration: Pick<Configuration, "spacing">;
  },
): Segmentation {
  const [grid] = targetGrids(properties, configuration);
  return restoreLabels(
    labelsOnGrid(logits, grid, { count: logits.shape[0] }),
    properties,
    plansData,
  );
}
