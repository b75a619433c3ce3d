/**
 * Types of evaluation results that nnU-Net's summary lacks: surface distances, volumes and
 * confusion matrices. `details_json.ts` writes them to `summary_details.json`.
 */

import type { LabelOrRegion } from "./summary.ts";

/** Agreement of two surfaces. */
export interface SurfaceAgreement {
  /**
   * 95th percentile of the distances from one surface to the other, in mm, the larger of both
   * directions. NaN if neither map has a surface, Infinity if only one has.
   */
  readonly hausdorff95: number;
  /**
   * Mean distance of all surface voxels of both maps to the other's surface, in mm. NaN and
   * Infinity as for `hausdorff95`.
   */
  readonly averageSurfaceDistance: number;
  /**
   * Fraction of all surface voxels of both maps that are within the tolerance of the other's
   * surface. NaN if neither map has a surface, 0 if only one has.
   */
  readonly surfaceDice: number;
}

/** Details of one class in a case. */
export interface ClassDetails extends SurfaceAgreement {
  /** Volume of the reference in mm³. */
  readonly referenceVolume: number;
  /** Volume of the prediction in mm³. */
  readonly predictedVolume: number;
  /** Predicted minus reference volume, in mm³. */
  readonly volumeDifference: number;
  /** Volume difference divided by the reference volume; NaN if that is 0. */
  readonly relativeVolumeDifference: number;
}

/** Details of a case. */
export interface CaseDetails {
  /** Path of the reference. */
  readonly referenceFile: string;
  /** Path of the prediction. */
  readonly predictionFile: string;
  /** One entry per label or region, in the summary's order. */
  readonly classes: readonly ClassDetails[];
  /** Voxel counts, (reference label, predicted label), in the order of `confusionLabels`. */
  readonly confusion: readonly (readonly number[])[];
}

/** Averages of a class over cases, except cases in which neither map has the class. */
export interface MeanDetails extends ClassDetails {
  /** Mean absolute volume difference in mm³; the signed differences may cancel. */
  readonly absoluteVolumeDifference: number;
  /** Number of cases in which only one map has the class; mean distances exclude them. */
  readonly unmatched: number;
}

/** Details of all cases of a folder, and their averages. */
export interface EvaluationDetails {
  /** Labels and regions that were scored. */
  readonly labels: readonly LabelOrRegion[];
  /** Tolerance of the surface Dice in mm, one per label or region. */
  readonly tolerances: readonly number[];
  /** Details per case, in the order of the file names. */
  readonly cases: readonly CaseDetails[];
  /** Averages over the cases, one per label or region. */
  readonly mean: readonly MeanDetails[];
  /** Labels of the confusion matrices, background first. */
  readonly confusionLabels: readonly number[];
  /** Sum of the cases' confusion matrices. */
  readonly confusion: readonly (readonly number[])[];
}
