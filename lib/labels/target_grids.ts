/** Grids that a case's labels are decided on. */

import type { Shape } from "../array/nd_array.ts";
import type { Configuration } from "../files/plans.ts";
import type { CaseProperties } from "../preprocessing/preprocessed_case.ts";
import { resampledSpacing } from "../preprocessing/resampling_rules.ts";
import type { TargetGrid } from "./label_target.ts";

/**
 * The grids that a prediction is resampled to.
 *
 * @param properties Of the case, as preprocessing left them.
 * @param configuration The configuration that predicts.
 * @param nextStages Grids of the case as preprocessed for the next stages of a cascade, (z, y, x).
 * @returns The cropped scan's grid, then those of the next stages.
 */
export function targetGrids(
  { shapeAfterCropping, spacingAfterTransposing }: CaseProperties,
  configuration: Pick<Configuration, "spacing">,
  nextStages: readonly { readonly shape: Shape }[] = [],
): TargetGrid[] {
  const spacing = resampledSpacing(configuration.spacing, spacingAfterTransposing);
  return [
    { shape: shapeAfterCropping, spacing, newSpacing: spacingAfterTransposing },
    // nnU-Net takes this stage's spacing for both sides, so only it decides what is separated.
    ...nextStages.map(({ shape }) => ({ shape, spacing, newSpacing: spacing })),
  ];
}
