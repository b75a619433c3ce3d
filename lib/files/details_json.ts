/**
 * Formats `summary_details.json`, the file next to nnU-Net's `summary.json` with additional results.
 * It has the same structure, but is a separate file, since some programs average all keys of a
 * summary and would fail on unknown ones.
 */

import type { EvaluationDetails, MeanDetails } from "./details.ts";
import type { LabelOrRegion } from "./summary.ts";
import { formatPythonJson, PythonFloat, type PythonJson } from "./python_json.ts";
import { labelKey } from "./summary_json.ts";

/** Keys in the file, with units. */
const keys = {
  hausdorff95: "HD95_mm",
  averageSurfaceDistance: "ASSD_mm",
  surfaceDice: "surface_Dice",
  referenceVolume: "volume_ref_mm3",
  predictedVolume: "volume_pred_mm3",
  volumeDifference: "volume_difference_mm3",
  relativeVolumeDifference: "relative_volume_difference",
  absoluteVolumeDifference: "absolute_volume_difference_mm3",
  unmatched: "n_unmatched",
} as const satisfies Record<keyof MeanDetails, string>;

/** Formats details as the text of `summary_details.json`. */
export function formatDetails(details: EvaluationDetails): string {
  const { labels, tolerances, cases, mean, confusionLabels, confusion } = details;
  return formatPythonJson({
    tolerance_mm: byLabel(labels, tolerances.map((tolerance) => new PythonFloat(tolerance))),
    mean: byLabel(labels, mean.map(measuresToJson)),
    confusion_labels: confusionLabels,
    confusion,
    metric_per_case: cases.map(({ classes, confusion, referenceFile, predictionFile }) => ({
      metrics: byLabel(labels, classes.map(measuresToJson)),
      confusion,
      reference_file: referenceFile,
      prediction_file: predictionFile,
    })),
  }, { sortKeys: false });
}

function byLabel(labels: readonly LabelOrRegion[], values: readonly PythonJson[]): PythonJson {
  return Object.fromEntries(labels.map((label, index) => [labelKey(label), values[index]]));
}

function measuresToJson(measures: Partial<MeanDetails>): PythonJson {
  return Object.fromEntries(
    Object.entries(measures).map(([measure, value]) => [
      keys[measure as keyof MeanDetails],
      measure === "unmatched" ? value : new PythonFloat(value),
    ]),
  );
}
