/**
 * What nnU-Net's summary leaves out: surfaces, volumes and confused labels. The file that holds it is
 * ours, `summary_details.json`, which `details_json.ts` writes.
 */

import type { LabelOrRegion } from "./summary.ts";

/** How close two surfaces are. */
export interface SurfaceAgreement {
  /**
   * The 95th percentile of the distances from one surface to the other in mm, the larger of both
   * directions. NaN if neither map has a surface, Infinity if one has none.
   */
  readonly hausdorff95: number;
  /**
   * Mean distance in mm of all surface voxels of both maps to the other's surface. NaN and Infinity
   * as above.
   */
  readonly averageSurfaceDistance: number;
  /**
   * Share of all surface voxels of both maps within the tolerance of the other's surface. NaN if
   * neither map has a surface, 0 if one has none.
   */
  readonly surfaceDice: number;
}

/** One class's agreement in a case, beyond the counts of voxels. */
export interface ClassDetails extends SurfaceAgreement {
  /** mm³ */
  readonly referenceVolume: number;
  /** mm³ */
  readonly predictedVolume: number;
  /** Predicted minus reference, mm³. */
  readonly volumeDifference: number;
  /** The volume difference as a share of the reference's volume; NaN where that is 0. */
  readonly relativeVolumeDifference: number;
}

/** One case's details. */
export interface CaseDetails {
  readonly referenceFile: string;
  readonly predictionFile: string;
  /** One entry per label or region, in the summary's order. */
  readonly classes: readonly ClassDetails[];
  /** Voxels, (reference label, predicted label), in the order of `confusionLabels`. */
  readonly confusion: readonly (readonly number[])[];
}

/** A class's averages over cases; cases where neither map has the class do not count. */
export interface MeanDetails extends ClassDetails {
  /** Mean absolute volume difference in mm³; signed differences may cancel. */
  readonly absoluteVolumeDifference: number;
  /** Cases where only one of the maps has the class; mean distances leave them out. */
  readonly unmatched: number;
}

/** All cases of a folder and their averages. */
export interface EvaluationDetails {
  readonly labels: readonly LabelOrRegion[];
  /** Tolerance of the surface Dice in mm, one per label or region. */
  readonly tolerances: readonly number[];
  readonly cases: readonly CaseDetails[];
  readonly mean: readonly MeanDetails[];
  /** Integers of the label maps, background first. */
  readonly confusionLabels: readonly number[];
  /** Sum of the cases' confusion matrices. */
  readonly confusion: readonly (readonly number[])[];
}
