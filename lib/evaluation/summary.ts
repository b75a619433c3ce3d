/** Averages the agreement of segmentations with their references. */

import { basename, join } from "../platform/paths.ts";
import type {
  CaseEvaluation,
  EvaluationSummary,
  LabelOrRegion,
  Overlap,
} from "../files/summary.ts";

/** The measures of an {@link Overlap}. */
const measures = [
  "dice",
  "iou",
  "truePositives",
  "falsePositives",
  "falseNegatives",
  "trueNegatives",
  "predicted",
  "reference",
] as const satisfies readonly (keyof Overlap)[];

/**
 * Averages cases as nnU-Net does.
 *
 * A class that is neither in a case's reference nor predicted has NaN there and is skipped. A class
 * that no case has keeps NaN, which makes the foreground mean NaN.
 *
 * @param cases Cases with one overlap per label.
 * @throws {RangeError} If there are no cases, or no label other than 0.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/evaluation/evaluate_predictions.py
 */
export function summarize(
  labels: readonly LabelOrRegion[],
  cases: readonly CaseEvaluation[],
): EvaluationSummary {
  if (cases.length === 0) {
    throw new RangeError("Cannot summarize an evaluation: found 0 cases, expected at least 1");
  }
  const mean = labels.map((_, index) =>
    average(cases.map((each) => each.overlaps[index]), (values) => {
      const present = values.filter((value) => !Number.isNaN(value));
      return meanOf(present);
    })
  );
  const foreground = mean.filter((_, index) => labels[index] !== 0);
  if (foreground.length === 0) {
    throw new RangeError(
      `Cannot summarize an evaluation: labels are [${labels}], expected one other than 0`,
    );
  }
  return { labels, cases, mean, foregroundMean: average(foreground, meanOf) };
}

/** Returns a summary with the predictions' paths moved to another folder. */
export function withPredictionsIn(summary: EvaluationSummary, folder: string): EvaluationSummary {
  const cases = summary.cases.map((each) => ({
    ...each,
    predictionFile: join(folder, basename(each.predictionFile)),
  }));
  return { ...summary, cases };
}

function average(overlaps: readonly Overlap[], by: (values: number[]) => number): Overlap {
  return Object.fromEntries(
    measures.map((measure) => [measure, by(overlaps.map((overlap) => overlap[measure]))]),
  ) as Record<keyof Overlap, number>;
}

/** Returns the mean; NaN for an empty list, since it is 0 / 0. */
function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
