/**
 * Parses and formats nnU-Net's `summary.json`, with its keys and Python's format.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/evaluation/evaluate_predictions.py
 */

import { z } from "../packages/zod.ts";
import type { EvaluationSummary, LabelOrRegion, Overlap } from "./summary.ts";
import { formatPythonJson, parsePythonJson, PythonFloat, type PythonJson } from "./python_json.ts";
import { schemaProblems } from "../untrusted/schema_problems.ts";

const keys = {
  dice: "Dice",
  iou: "IoU",
  truePositives: "TP",
  falsePositives: "FP",
  falseNegatives: "FN",
  trueNegatives: "TN",
  predicted: "n_pred",
  reference: "n_ref",
} as const satisfies Record<keyof Overlap, string>;

const metricsSchema = z.object({
  Dice: z.number().or(z.nan()),
  IoU: z.number().or(z.nan()),
  TP: z.number(),
  FP: z.number(),
  FN: z.number(),
  TN: z.number(),
  n_pred: z.number(),
  n_ref: z.number(),
});

const summarySchema = z.object({
  foreground_mean: metricsSchema,
  mean: z.record(z.string(), metricsSchema),
  metric_per_case: z.array(z.object({
    metrics: z.record(z.string(), metricsSchema),
    prediction_file: z.string(),
    reference_file: z.string(),
  })),
});

/** Formats a summary as the text of `summary.json`. */
export function formatSummary(summary: EvaluationSummary): string {
  return formatPythonJson({
    ...averagesToJson(summary),
    metric_per_case: summary.cases.map(({ overlaps, predictionFile, referenceFile }) => ({
      metrics: byLabel(summary.labels, overlaps, (count) => count),
      prediction_file: predictionFile,
      reference_file: referenceFile,
    })),
  });
}

/** Returns the averages of a summary, with nnU-Net's keys. */
export function averagesToJson(
  { labels, mean, foregroundMean }: EvaluationSummary,
): { readonly [key: string]: PythonJson } {
  return {
    foreground_mean: toJson(foregroundMean, asFloat),
    mean: byLabel(labels, mean, asFloat),
  };
}

function byLabel(
  labels: readonly LabelOrRegion[],
  overlaps: readonly Overlap[],
  counts: (count: number) => PythonJson,
): PythonJson {
  return Object.fromEntries(
    labels.map((label, i) => [labelKey(label), toJson(overlaps[i], counts)]),
  );
}

/**
 * The inverse of {@link formatSummary}.
 *
 * @throws {SyntaxError} If the text holds no summary.
 */
export function parseSummary(text: string): EvaluationSummary {
  const parsed = summarySchema.safeParse(parsePythonJson(text));
  if (!parsed.success) throw new SyntaxError(schemaProblems(parsed.error));
  const { foreground_mean, mean, metric_per_case } = parsed.data;
  const labelKeys = Object.keys(mean);
  return {
    labels: labelKeys.map(labelFromKey),
    mean: labelKeys.map((key) => fromJson(mean[key])),
    foregroundMean: fromJson(foreground_mean),
    cases: metric_per_case.map(({ metrics, prediction_file, reference_file }) => ({
      predictionFile: prediction_file,
      referenceFile: reference_file,
      overlaps: labelKeys.map((key) => {
        if (!(key in metrics)) {
          throw new SyntaxError(`Case ${prediction_file} has no metrics of label "${key}"`);
        }
        return fromJson(metrics[key]);
      }),
    })),
  };
}

/** Formats a label like Python's `str()` of an integer or a tuple: `1`, `(1, 2)`, `(1,)`. */
export function labelKey(label: LabelOrRegion): string {
  if (typeof label === "number") return String(label);
  return label.length === 1 ? `(${label[0]},)` : `(${label.join(", ")})`;
}

function labelFromKey(key: string): LabelOrRegion {
  if (/^\d+$/.test(key)) return Number(key);
  const members = key.match(/\d+/g);
  if (!key.startsWith("(") || members === null) {
    throw new SyntaxError(`Label is "${key}", expected an integer or integers in parentheses`);
  }
  return members.map(Number);
}

/** Formats an overlap; ratios are floats, and counts are floats only in averages. */
function toJson(overlap: Overlap, counts: (count: number) => PythonJson): PythonJson {
  return Object.fromEntries(
    (Object.keys(keys) as (keyof Overlap)[]).map((measure) => {
      const format = measure === "dice" || measure === "iou" ? asFloat : counts;
      return [keys[measure], format(overlap[measure])];
    }),
  );
}

function asFloat(value: number): PythonFloat {
  return new PythonFloat(value);
}

function fromJson(metrics: z.infer<typeof metricsSchema>): Overlap {
  return Object.fromEntries(
    Object.entries(keys).map(([measure, key]) => [measure, metrics[key]]),
  ) as unknown as Overlap;
}
