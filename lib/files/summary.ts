/**
 * How well segmentations agree with their references, case by case and on average: what nnU-Net's
 * `summary.json` holds, in our own words. `summary_json.ts` translates.
 */

/** One label, or several that count as one class: `[1, 2, 3]` for a whole tumour. */
export type LabelOrRegion = number | readonly number[];

/** Agreement of two masks, in voxels. Averages over cases have the same fields. */
export interface Overlap {
  /** `2 TP / (2 TP + FP + FN)`; NaN where neither mask has a voxel. */
  readonly dice: number;
  /** `TP / (TP + FP + FN)`; NaN where neither mask has a voxel. */
  readonly iou: number;
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly trueNegatives: number;
  /** Voxels of the predicted mask. */
  readonly predicted: number;
  /** Voxels of the reference mask. */
  readonly reference: number;
}

/** One case's agreement with its reference. */
export interface CaseEvaluation {
  readonly referenceFile: string;
  readonly predictionFile: string;
  /** One entry per label or region of the summary, in its order. */
  readonly overlaps: readonly Overlap[];
}

/** All cases of a folder, and their averages. */
export interface EvaluationSummary {
  readonly labels: readonly LabelOrRegion[];
  readonly cases: readonly CaseEvaluation[];
  /** Average over the cases per label; a NaN does not count. */
  readonly mean: readonly Overlap[];
  /** Average of `mean` over all labels but 0; NaN if any of them is. */
  readonly foregroundMean: Overlap;
}
