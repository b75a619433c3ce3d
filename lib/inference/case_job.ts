/** Describes a case to segment as plain data: where it comes from and where its results go. */

import type { Zyx } from "../array/nd_array.ts";
import type { Image, Segmentation } from "../image/image.ts";

/** Where a case's voxels are. */
export type CaseSource =
  | { readonly image: Image }
  /** Files or folders of DICOM slices; in these, `series` names the one of several. */
  | { readonly files: readonly string[]; readonly series?: string | number }
  /** Folder of preprocessed cases, in which the case is stored under its name. */
  | { readonly preprocessedFolder: string };

/** Where the previous stage's segmentation is, on the scan's grid or on the plan's grid. */
export type PreviousStageSource =
  | { readonly segmentation: Segmentation }
  | { readonly file: string }
  /** Folder of label maps on the plan's grid, in which the case's is stored under its name. */
  | { readonly labelMapFolder: string };

/** Files to write for a predicted case. */
export interface CaseOutput {
  /** File of the label map. */
  readonly segmentation: string;
  /** Files of the probabilities and of the properties that belong to them. */
  readonly probabilities?: { readonly array: string; readonly properties: string };
  /** File of the DICOM segmentation, and the folder and series of the scan's slices. */
  readonly dicomSegmentation?: {
    readonly file: string;
    readonly scan: string;
    readonly series?: string | number;
  };
  /** Files of the probabilities as images, one per head. */
  readonly probabilityMaps?: readonly string[];
  /** Masks of single labels or regions. */
  readonly masks?: readonly MaskOutput[];
  /** Label maps for the next stage of a cascade. */
  readonly nextStages?: readonly NextStageOutput[];
}

/** A mask to write: 1 where the label map has one of the labels, else 0. */
export interface MaskOutput {
  readonly file: string;
  readonly labels: readonly number[];
}

/** A label map on the grid of the next stage's preprocessed case. */
export interface NextStageOutput {
  readonly folder: string;
  /** Voxels per axis of the next stage's preprocessed case. */
  readonly shape: Zyx;
}

/** A case to segment. */
export interface CaseJob {
  readonly name: string;
  readonly source: CaseSource;
  readonly previousStage?: PreviousStageSource;
  /** If left out, the label map is returned instead of written. */
  readonly output?: CaseOutput;
}

/** Whether a case's logits are needed besides its labels, which takes more memory. */
export function needsLogits(output: CaseOutput | undefined): boolean {
  return output?.probabilities !== undefined || output?.probabilityMaps !== undefined;
}
