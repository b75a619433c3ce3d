/**
 * Types of nnU-Net's postprocessing. `postprocessing_format.ts` parses and formats them.
 */

import type { EvaluationSummary, LabelOrRegion } from "./summary.ts";

/** Keeps the largest connected component of a label, or of several labels together. */
export interface PostprocessingStep {
  /** Label, or labels that are treated as one object. */
  readonly keepLargest: LabelOrRegion;
}

/** Steps that raise Dice, with the scores before and after. */
export interface PostprocessingDecision {
  /** Steps in order; empty if none raises Dice. */
  readonly steps: readonly PostprocessingStep[];
  /** Scores without postprocessing. */
  readonly before: EvaluationSummary;
  /** Scores with all steps. */
  readonly after: EvaluationSummary;
}
