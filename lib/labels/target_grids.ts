/** Lists the grids that a case's labels are decided on. */

import type { Shape } from "../array/nd_array.ts";
import type { Configuration } from "../files/plans.ts";
import type { CaseProperties } from "../preprocessing/preprocessed_case.ts";
import { resampledSpacing } from "../preprocessing/resampling_rules.ts";
import type { TargetGrid } from "./label_target.ts";

/**
 * Lists the grids that a prediction is resampled to.
 *
 * @param properties Properties of the preprocessed case.
 * @param configuration The configuration that predicts.
 * @param nextStages Shapes of the case as preprocessed for a cascade's next stages, (z, y, x).
 * @returns The cropped scan's grid, then those of the next stages.
 */
export function targetGrids(
  { shapeAfterCropping, spacingAfterTransposing }: CaseProperties,
  configuration: Pick<Configuration, "spacing" | "resampling">,
  nextStages: readonly { readonly shape: Shape }[] = [],
): TargetGrid[] {
  const spacing = resampledSpacing(configuration.spacing, spacingAfterTransposing);
  const method = configuration.resampling &&
    { resampling: configuration.resampling.probabilities };
  return [
    { shape: shapeAfterCropping, spacing, newSpacing: spacingAfterTransposing, ...method },
    // nnU-Net takes this stage's spacing for both grids, so it alone decides which axis is separate.
    ...nextStages.map(({ shape }) => ({ shape, spacing, newSpacing: spacing, ...method })),
  ];
}
