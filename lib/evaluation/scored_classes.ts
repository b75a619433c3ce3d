/** Determines which labels of a data set are scored. */

import type { DatasetJson } from "../files/dataset.ts";
import { allowedLabels, foregroundOf, ignoreLabelOf } from "../files/dataset_labels.ts";
import type { LabelOrRegion } from "../files/summary.ts";

/** Labels of a data set by their role in an evaluation. */
export interface ScoredClasses {
  /** Labels or regions to score. */
  readonly labels: readonly LabelOrRegion[];
  readonly ignoreLabel?: number;
  /** All labels that a map may have, including background and ignore label; any if undefined. */
  readonly declaredLabels?: readonly number[];
}

/** Classifies the labels of a `dataset.json`. */
export function scoredClasses(labels: DatasetJson["labels"]): ScoredClasses {
  return {
    labels: foregroundOf(labels).map(({ value }) => value),
    ignoreLabel: ignoreLabelOf(labels),
    declaredLabels: allowedLabels(labels),
  };
}
