/** What of a data set is scored. */

import {
  type DatasetJson,
  declaredLabels,
  foregroundIntegers,
  foregroundOf,
  ignoreLabelOf,
} from "../files/dataset_json.ts";
import type { LabelOrRegion } from "../files/summary.ts";

/** Labels of a data set by their part in an evaluation. */
export interface ScoredClasses {
  /** Labels or regions to score. */
  readonly labels: readonly LabelOrRegion[];
  /** Every label but background and ignore label. */
  readonly foregroundLabels: readonly number[];
  readonly ignoreLabel?: number;
  /** Every label that a map may have, background and ignore label too. */
  readonly declaredLabels: readonly number[];
}

/** Sorts the labels of a `dataset.json`. */
export function scoredClasses(labels: DatasetJson["labels"]): ScoredClasses {
  return {
    labels: foregroundOf(labels).map(({ value }) => value),
    foregroundLabels: foregroundIntegers(labels),
    ignoreLabel: ignoreLabelOf(labels),
    declaredLabels: declaredLabels(labels),
  };
}
