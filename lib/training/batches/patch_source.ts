/** Reads training patches from cases on disk or in memory. */

import { sameShape, type Shape } from "../../array/nd_array.ts";
import type { Box } from "../../array/box.ts";
import { cropSample, type LabelMap } from "../../augmentation/crop_sample.ts";
import type { Sample } from "../../augmentation/transform.ts";
import { openLabelMap } from "../../preprocessing/label_map_storage.ts";
import type { PreprocessedCase } from "../../preprocessing/preprocessed_case.ts";
import { openCase } from "../../preprocessing/storage.ts";

/** A case to draw patches from. */
export interface PatchSource extends Pick<PreprocessedCase, "name" | "classLocations"> {
  /** Shape of the image, (c, z, y, x). */
  readonly shape: Shape;
  /** Whether it has a segmentation. */
  readonly labelled: boolean;
  /**
   * Returns the image and labels within a box; outside the volume, they are 0 and −1.
   *
   * @param patchSize Spatial shape of the result: the box's size, or its last two axes for a slice.
   */
  readPatch(box: Box, patchSize: Shape): Sample;
}

/** A case on disk, which reads each patch from its files unless it is loaded. */
export interface StoredPatchSource extends PatchSource {
  /** Bytes of memory that the whole case needs. */
  readonly bytes: number;
  /** Reads the whole case into memory. */
  load(): PatchSource;
}

/** The folders of a training's cases. */
export interface CaseFolders {
  /** Folder of the preprocessed cases. */
  readonly folder: string;
  /** For a cascade, folder of the previous stage's segmentations, one label map per case. */
  readonly previousStageFolder?: string;
}

/**
 * Opens a case of a training.
 *
 * @throws {RangeError} If the previous stage's segmentation has another shape, or a file has the
 * wrong length.
 * @throws {SyntaxError} If a file has the wrong format.
 * @throws {Error} If a file is missing or cannot be read.
 */
export async function openPatchSource(
  { folder, previousStageFolder }: CaseFolders,
  name: string,
): Promise<StoredPatchSource> {
  const stored = await openCase(folder, name);
  if (previousStageFolder === undefined) {
    return { ...stored, load: () => patchSourceInMemory(stored.read()) };
  }
  const previous = await openLabelMap(previousStageFolder, name);
  if (!sameShape(previous.shape, stored.shape.slice(1))) {
    throw new RangeError(
      `Cannot use the previous stage's "${name}" in ${previousStageFolder}: its shape is ` +
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
    load: () => patchSourceInMemory(stored.read(), previous.read()),
  };
}

/** Creates a case whose patches are cropped from memory. */
export function patchSourceInMemory(
  preprocessed: PreprocessedCase,
  previousStage?: LabelMap,
): PatchSource {
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
