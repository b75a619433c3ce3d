/**
 * nnU-Net's postprocessing: steps that each keep the largest component of something.
 * `postprocessing_file.ts` reads and writes them.
 */

import type { EvaluationSummary, LabelOrRegion } from "./summary.ts";

/** Keeps the largest connected component of a label, or of several labels together. */
export interface PostprocessingStep {
  readonly keepLargest: LabelOrRegion;
}

/** Steps that help, and how much. */
export interface PostprocessingDecision {
  /** In the order in which they are applied; empty if no step helps. */
  readonly steps: readonly PostprocessingStep[];
  readonly before: EvaluationSummary;
  readonly after: EvaluationSummary;
}
