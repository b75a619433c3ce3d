/** What training needs of a case, wherever its voxels are. */

import type { Shape } from "../array/nd_array.ts";
import type { Box } from "../augmentation/crop_or_pad.ts";
import { cropSample } from "../augmentation/crop_sample.ts";
import type { Sample } from "../augmentation/transform.ts";
import type { PreprocessedCase } from "../preprocessing/preprocessed_case.ts";

/** A case to take patches of. */
export interface TrainingCase extends Pick<PreprocessedCase, "name" | "classLocations"> {
  /** Of the image, (c, z, y, x). */
  readonly shape: Shape;
  /** Whether it has ground truth. */
  readonly labelled: boolean;
  /**
   * The part of the image and its labels within a box: 0 and −1 outside of them.
   *
   * @param patchSize Spatial shape of the result: the box's size, or its last two axes for a slice.
   */
  readPatch(box: Box, patchSize: Shape): Sample;
}

/** A case whose patches are cut from memory. */
export function caseInMemory(preprocessed: PreprocessedCase): TrainingCase {
  const { name, data, segmentation, classLocations } = preprocessed;
  return {
    name,
    classLocations,
    shape: data.shape,
    labelled: segmentation !== undefined,
    readPatch: (box, patchSize) => cropSample(data, segmentation!, box, patchSize),
  };
}
