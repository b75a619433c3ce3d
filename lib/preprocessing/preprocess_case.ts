/** Preprocesses one case: transposes, crops, normalises and resamples it. */

import { freeArray } from "../array/reused_arrays.ts";
import { sizeOf, type Zyx, zyx } from "../array/nd_array.ts";
import { permuteAxes } from "../array/permute_axes.ts";
import type { Image, Segmentation } from "../image/image.ts";
import type { Configuration, PlansData } from "../files/plans.ts";
import { classLocations, type LocatedClass } from "./class_locations.ts";
import { cropToNonzero } from "./crop.ts";
import { normalize } from "./normalize.ts";
import type { PreprocessedCase } from "./preprocessed_case.ts";
import { requireFinite } from "./require_finite.ts";
import { resampleImage } from "./resample.ts";
import { resampleSegmentation } from "./resample_segmentation.ts";
import { plannedGrid } from "./resampling_rules.ts";

/** A scan and how to preprocess it. */
export interface PreprocessCaseOptions {
  readonly name: string;
  /** Overwritten or freed. */
  readonly image: Image;
  /** Ground truth on the image's grid, if any. Overwritten or freed. */
  readonly segmentation?: Segmentation;
  readonly plansData: Pick<PlansData, "transposeForward" | "intensityProperties">;
  readonly configuration: Pick<
    Configuration,
    "spacing" | "normalizationSchemes" | "useMaskForNorm" | "resampling"
  >;
  /** Labels or regions to store locations of; see {@link classesToLocate}. */
  readonly labels: readonly LocatedClass[];
  /** Threads used for resampling; by default one per core. */
  readonly threads?: number;
  /** Checked between the steps. */
  readonly signal?: Pick<AbortSignal, "throwIfAborted">;
}

/**
 * Transposes, crops, normalises and resamples a scan onto the plan's grid.
 *
 * Intensities are normalised before resampling; otherwise the interpolated rim of the nonzero
 * region would count as part of the object. The memory of image and segmentation is reused or
 * freed, so their values are lost.
 *
 * @throws {TypeError} If segmentation and image differ in shape, or the number of channels is not
 * the plan's.
 * @throws {RangeError} If an intensity is not finite, a label is above 32767, or no voxel is left
 * after resampling.
 * @throws The signal's reason if it is aborted.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/preprocessing/preprocessors/default_preprocessor.py
 */
export async function preprocessCase(
  options: PreprocessCaseOptions,
): Promise<PreprocessedCase> {
  const { name, image, segmentation, plansData, configuration, labels, threads, signal } = options;
  requireFinite(image.data);
  const { geometry } = image;
  const [a, b, c] = plansData.transposeForward;
  const spacing: Zyx = [geometry.spacing[a], geometry.spacing[b], geometry.spacing[c]];
  const scan = permuteAxes(
    { shape: [image.channels, ...geometry.shape], data: image.data },
    [0, a + 1, b + 1, c + 1],
  );
  const truth = segmentation && permuteAxes(
    { shape: segmentation.geometry.shape, data: segmentation.data },
    plansData.transposeForward,
  );

  const cropped = cropToNonzero(scan, truth);
  signal?.throwIfAborted();
  normalize(cropped.data, cropped.segmentation, {
    schemes: configuration.normalizationSchemes,
    useMask: configuration.useMaskForNorm,
    intensityProperties: plansData.intensityProperties,
  });

  signal?.throwIfAborted();
  const croppedShape = cropped.segmentation.shape;
  const { shape, spacing: newSpacing } = plannedGrid(configuration, croppedShape, spacing);
  if (sizeOf(shape) === 0) {
    throw new RangeError(
      `Cannot preprocess "${name}": ${croppedShape.join(" × ")} voxels of ` +
        `${spacing.join(" × ")} mm become empty when resampled to ${newSpacing.join(" × ")} mm`,
    );
  }
  const labelled = truth &&
    resampleSegmentation(
      cropped.segmentation,
      shape,
      spacing,
      newSpacing,
      configuration.resampling?.segmentation,
    );
  const data = await resampleImage(cropped.data, shape, spacing, newSpacing, {
    threads,
    resampling: configuration.resampling?.data,
  });
  if (labelled && labelled !== cropped.segmentation) freeArray(cropped.segmentation.data);
  if (data !== cropped.data) freeArray(cropped.data.data);
  return {
    name,
    data,
    segmentation: labelled,
    classLocations: labelled ? classLocations(labelled, labels) : new Map(),
    properties: {
      geometry,
      shapeBeforeCropping: zyx(scan.shape.slice(1)),
      cropBox: cropped.box,
      shapeAfterCropping: zyx(croppedShape),
      spacingAfterTransposing: spacing,
    },
  };
}
