/** Worker of `evaluateFolder()` that reads a case's two label maps and compares them. */

import { gridDifferences } from "../dataset/compare_grids.ts";
import { serve } from "../runtime/remote.ts";
import { classDetails, confusionOf } from "./details.ts";
import { countLabelPairs, overlapsOf } from "./overlap.ts";
import { readLabelPair } from "./read_label_pair.ts";
import type { LabelOrRegion } from "../files/summary.ts";

/** A case to compare. */
export interface EvaluateJob {
  readonly referenceFile: string;
  readonly predictionFile: string;
  /** Name of the reader to read both as. */
  readonly reader?: string;
  readonly labels: readonly LabelOrRegion[];
  readonly ignoreLabel?: number;
  readonly declaredLabels?: readonly number[];
  readonly details?: {
    readonly tolerances: readonly number[];
    readonly confusionLabels: readonly number[];
  };
}

const api = {
  async evaluate(job: EvaluateJob) {
    const { labels, ignoreLabel, details } = job;
    const { reference, prediction } = await readLabelPair(job);
    const counted = [...new Set([...details?.confusionLabels ?? [], ...labels.flat()])];
    const pairs = countLabelPairs(reference.data, prediction.data, counted, ignoreLabel);
    const overlaps = overlapsOf(pairs, labels);
    const differences = gridDifferences(prediction.geometry, reference.geometry);
    if (!details) return { overlaps, differences };
    const { tolerances, confusionLabels } = details;
    const classes = classDetails(reference, prediction, overlaps, {
      labels,
      ignoreLabel,
      tolerances,
    });
    const size = confusionLabels.length;
    const confusion = confusionOf(pairs).slice(0, size).map((row) => row.slice(0, size));
    return { overlaps, differences, details: { classes, confusion } };
  },
};

/** The functions that the worker serves. */
export type EvaluateApi = typeof api;

serve(api);
