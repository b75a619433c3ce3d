/** What training needs of a case, wherever its voxels are. */

import { sameShape, type Shape } from "../array/nd_array.ts";
import type { Box } from "../array/box.ts";
import { cropSample, type LabelMap } from "../augmentation/crop_sample.ts";
import type { Sample } from "../augmentation/transform.ts";
import { openLabelMap } from "../preprocessing/label_map_storage.ts";
import type { PreprocessedCase } from "../preprocessing/preprocessed_case.ts";
import { openCase } from "../preprocessing/storage.ts";

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

/** A case on disk: its patches are read one by one, unless it is loaded. */
export interface OpenCase extends TrainingCase {
  /** Memory that the whole case takes. */
  readonly bytes: number;
  /** Reads all of it. */
  load(): TrainingCase;
}

/** Where the cases of a training lie. */
export interface CaseFolders {
  /** Folder of the preprocessed cases. */
  readonly folder: string;
  /** Folder of the previous stage's segmentations, one label map a case, in a cascade. */
  readonly previousStageFolder?: string;
}

/**
 * Opens a case of a training.
 *
 * @throws {RangeError} If the previous stage's segmentation has another shape, or a file another
 * length than it should.
 * @throws {SyntaxError} If a file is not one of ours.
 * @throws {Error} If a file is missing or cannot be read.
 */
export async function openTrainingCase(
  { folder, previousStageFolder }: CaseFolders,
  name: string,
): Promise<OpenCase> {
  const stored = await openCase(folder, name);
  if (previousStageFolder === undefined) {
    return { ...stored, load: () => caseInMemory(stored.read()) };
  }
  const previous = await openLabelMap(previousStageFolder, name);
  if (!sameShape(previous.shape, stored.shape.slice(1))) {
    throw new RangeError(
      `Cannot use the previous stage's "${name}" of ${previousStageFolder}: its shape is ` +
        `[${previous.shape}], expected [${stored.shape.slice(1)}]`,
    );
  }
  return {
    ...stored,
    bytes: stored.bytes + previous.bytes,
    readPatch: (box, patchSize) => ({
      ...stored.readPatch(box, patchSize),
      previousStage: previous.readPatch(box, patchSize),
    }),
    load: () => caseInMemory(stored.read(), previous.read()),
  };
}

/** A case whose patches are cut from memory. */
export function caseInMemory(
  preprocessed: PreprocessedCase,
  previousStage?: LabelMap,
): TrainingCase {
  const { name, data, segmentation, classLocations } = preprocessed;
  return {
    name,
    classLocations,
    shape: data.shape,
    labelled: segmentation !== undefined,
    readPatch: (box, patchSize) =>
      cropSample({ image: data, segmentation: segmentation!, previousStage }, box, patchSize),
  };
}
