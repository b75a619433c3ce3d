/** Types of a preprocessed case, from which training samples and with which inference starts. */

import type { Bounds } from "../array/box.ts";
import type { SignedLabels } from "../array/labels.ts";
import type { NdArray, Zyx } from "../array/nd_array.ts";
import type { ClassKey } from "./class_locations.ts";
import type { Geometry } from "../image/image.ts";

/** Everything needed to bring a prediction back onto the grid of its scan. */
export interface CaseProperties {
  /** The grid of the scan as its reader returned it; `stored` is the file's, if that differs. */
  readonly geometry: Geometry;
  /** Shape after transposing, before cropping, in the plan's axis order. */
  readonly shapeBeforeCropping: Zyx;
  /** The region that cropping kept, in the plan's axis order. */
  readonly cropBox: Bounds;
  /** Shape after cropping, before resampling. */
  readonly shapeAfterCropping: Zyx;
  /** Spacing in mm after transposing, before resampling. */
  readonly spacingAfterTransposing: Zyx;
}

/** A case after preprocessing. Spatial axes are in the plan's order. */
export interface PreprocessedCase {
  /** Name of the case. */
  readonly name: string;
  /** Normalised intensities, (c, z, y, x). */
  readonly data: NdArray<Float32Array<ArrayBuffer>>;
  /** Labels, (z, y, x); −1 outside the nonzero mask. Absent for cases without ground truth. */
  readonly segmentation?: NdArray<SignedLabels>;
  /** Positions to centre patches on, per label or region, as consecutive (z, y, x) triples. */
  readonly classLocations: ReadonlyMap<ClassKey, Int32Array<ArrayBuffer>>;
  /** The grid that predictions are brought back to. */
  readonly properties: CaseProperties;
}
