/** A case on the plan's grid: what training samples from and inference starts with. */

import type { Bounds } from "../array/box.ts";
import type { SignedLabels } from "../array/labels.ts";
import type { NdArray, Zyx } from "../array/nd_array.ts";
import type { ClassKey } from "./class_locations.ts";
import type { Geometry } from "../image/image.ts";

/** Everything needed to put a prediction back where its scan came from. */
export interface CaseProperties {
  /** The scan's own grid, before any step. */
  readonly geometry: Geometry;
  /** Shape after transposing, before cropping, in the plan's axis order. */
  readonly shapeBeforeCropping: Zyx;
  /** What cropping kept, in the plan's axis order. */
  readonly cropBox: Bounds;
  /** Shape after cropping, before resampling. */
  readonly shapeAfterCropping: Zyx;
  /** Spacing in mm after transposing, before resampling. */
  readonly spacingAfterTransposing: Zyx;
}

/** A case after preprocessing. Spatial axes are in the plan's order. */
export interface PreprocessedCase {
  readonly name: string;
  /** Normalised intensities, (c, z, y, x). */
  readonly data: NdArray<Float32Array<ArrayBuffer>>;
  /**
   * Labels, (z, y, x); −1 outside the nonzero mask. Absent for cases without ground truth.
   */
  readonly segmentation?: NdArray<SignedLabels>;
  /** Per label or region voxel positions to centre patches on: n × (z, y, x). */
  readonly classLocations: ReadonlyMap<ClassKey, Int32Array<ArrayBuffer>>;
  readonly properties: CaseProperties;
}
