/** On which grids a case's labels are wanted. */

import type { CaseProperties } from "../preprocessing/preprocessed_case.ts";
import { targetSpacing } from "../preprocessing/resampling_rules.ts";
import type { CaseJob, ModelFacts } from "./case_job.ts";
import type { TargetGrid } from "../labels/label_target.ts";

/** The cropped scan's grid, then those of the next stages. */
export function targetGrids(
  { output }: Pick<CaseJob, "output">,
  { shapeAfterCropping, spacingAfterTransposing }: CaseProperties,
  { configuration }: Pick<ModelFacts, "configuration">,
): TargetGrid[] {
  const spacing = targetSpacing(configuration.spacing, spacingAfterTransposing);
  return [
    { shape: shapeAfterCropping, spacing, newSpacing: spacingAfterTransposing },
    // nnU-Net takes this stage's spacing for both sides, so only it decides what is separated.
    ...(output?.nextStages ?? []).map(({ shape }) => ({ shape, spacing, newSpacing: spacing })),
  ];
}
