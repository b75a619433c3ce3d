/**
 * Types of evaluation results, per case and on average. `summary_json.ts` converts them to
 * nnU-Net's `summary.json`.
 */

/** A label, or a region of several labels, such as `[1, 2, 3]` for a whole tumour. */
export type LabelOrRegion = number | readonly number[];

/** Overlap of two masks, in voxels. Averages over cases have the same fields. */
export interface Overlap {
  /** `2 TP / (2 TP + FP + FN)`; NaN if both masks are empty. */
  readonly dice: number;
  /** `TP / (TP + FP + FN)`; NaN if both masks are empty. */
  readonly iou: number;
  /** Voxels in both masks. */
  readonly truePositives: number;
  /** Voxels in the predicted mask only. */
  readonly falsePositives: number;
  /** Voxels in the reference mask only. */
  readonly falseNegatives: number;
  /** Voxels in neither mask. */
  readonly trueNegatives: number;
  /** Voxels in the predicted mask. */
  readonly predicted: number;
  /** Voxels in the reference mask. */
  readonly reference: number;
}

/** Overlaps of a case with its reference. */
export interface CaseEvaluation {
  /** Path of the reference. */
  readonly referenceFile: string;
  /** Path of the prediction. */
  readonly predictionFile: string;
  /** One entry per label or region of the summary, in its order. */
  readonly overlaps: readonly Overlap[];
}

/** Overlaps of all cases of a folder, and their averages. */
export interface EvaluationSummary {
  /** Labels and regions that were scored. */
  readonly labels: readonly LabelOrRegion[];
  /** Overlaps per case, in the order of the file names. */
  readonly cases: readonly CaseEvaluation[];
  /** Average over the cases per label; NaN is excluded. */
  readonly mean: readonly Overlap[];
  /** Average of `mean` over all labels except 0; NaN if any of them is NaN. */
  readonly foregroundMean: Overlap;
}
