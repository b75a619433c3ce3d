/** Worker of `preprocessDataset()`: reads a case's files, preprocesses it and writes the result. */

import { labelBesides, type Labels } from "../array/labels.ts";
import { freeArray, keepFreedMemory } from "../array/reused_arrays.ts";
import type { AnyCase } from "../dataset/case.ts";
import { readImage, readSegmentation } from "../image/image_files.ts";
import { serve } from "../runtime/remote.ts";
import { checkOf, type StopFlag } from "../runtime/stop_flag.ts";
import { preprocessCase, type PreprocessCaseOptions } from "./preprocess_case.ts";
import { writeCase } from "./storage.ts";

/** A case to preprocess and where to write it. */
export interface PreprocessJob
  extends
    AnyCase,
    Pick<PreprocessCaseOptions, "plansData" | "configuration" | "labels" | "threads"> {
  readonly folder: string;
  /** Name of the reader to read images and label maps as. */
  readonly reader: string;
  /** Labels that the label map may have; any by default. */
  readonly allowedLabels?: readonly number[];
  /** Stored with the case, to check later whether it is up to date. */
  readonly fingerprint: string;
  /** Stored with the case, to check later whether it fits the plans. */
  readonly recipe: string;
}

/** How the grid of a case changed. Axes are in the plan's order. */
export interface PreprocessedGrid {
  /** The case's name. */
  readonly name: string;
  /** Shape of the scan. */
  readonly shapeBeforeCropping: readonly number[];
  /** Shape after cropping, before resampling. */
  readonly shapeAfterCropping: readonly number[];
  /** Spacing before resampling, in mm. */
  readonly spacingBefore: readonly number[];
  /** Shape after resampling. */
  readonly shape: readonly number[];
}

/** Training would take other labels for background, and nnU-Net's training fails. */
function requireAllowed(data: Labels, allowed: readonly number[], path: string): void {
  const other = labelBesides(data, allowed);
  if (other === undefined) return;
  throw new RangeError(
    `Cannot use ${path}: it has the label ${other}, expected only ${
      allowed.join(", ")
    }, the labels ` +
      "in dataset.json; correct the label map or declare the label",
  );
}

const api = {
  async preprocess(
    { images, label, folder, fingerprint, recipe, reader, allowedLabels, ...options }:
      PreprocessJob,
    stopFlag: StopFlag,
  ) {
    const signal = checkOf(stopFlag);
    const image = await readImage(images, { reader });
    signal.throwIfAborted();
    const segmentation = label === undefined
      ? undefined
      : await readSegmentation(label, { reader });
    if (segmentation && allowedLabels) requireAllowed(segmentation.data, allowedLabels, label!);
    const preprocessed = await preprocessCase({ ...options, image, segmentation, signal });
    signal.throwIfAborted();
    await writeCase(folder, preprocessed, { fingerprint, recipe });
    freeArray(preprocessed.data.data);
    if (preprocessed.segmentation) freeArray(preprocessed.segmentation.data);
    const { name, data, properties } = preprocessed;
    const [, ...shape] = data.shape;
    const { shapeBeforeCropping, shapeAfterCropping, spacingAfterTransposing } = properties;
    return {
      ...{ name, shape, shapeBeforeCropping, shapeAfterCropping },
      spacingBefore: spacingAfterTransposing,
    } satisfies PreprocessedGrid;
  },
};

/** The functions that the worker serves. */
export type PreprocessApi = typeof api;

keepFreedMemory();
serve(api);
