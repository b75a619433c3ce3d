/** One case to segment: where it comes from, and where its results go. Plain data. */

import type { Zyx } from "../array/nd_array.ts";
import type { Image, Segmentation } from "../image/image.ts";

/** Where a case's voxels are. */
export type CaseSource =
  | { readonly image: Image }
  | { readonly files: readonly string[] }
  /** A case that has been preprocessed, under its name. */
  | { readonly preprocessedFolder: string };

/** Where the previous stage's segmentation is, on the scan's grid or on the plan's. */
export type PreviousStageSource =
  | { readonly segmentation: Segmentation }
  | { readonly file: string }
  /** Of label maps on the plan's grid, under the case's name. */
  | { readonly labelMapFolder: string };

/** What to write of a prediction. */
export interface CaseOutput {
  /** The label map's file. */
  readonly segmentation: string;
  /** Files of the probabilities, and of the properties beside them. */
  readonly probabilities?: { readonly array: string; readonly properties: string };
  /** Label maps for the next stage of a cascade. */
  readonly nextStages?: readonly NextStageOutput[];
}

/** A label map on the grid of the next stage's preprocessed case. */
export interface NextStageOutput {
  readonly folder: string;
  readonly shape: Zyx;
}

/** A case to segment. */
export interface CaseJob {
  readonly name: string;
  readonly source: CaseSource;
  readonly previousStage?: PreviousStageSource;
  /** If left out, the label map is handed back. */
  readonly output?: CaseOutput;
}
