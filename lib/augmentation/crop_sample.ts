/** Crops an image and its label maps to the same box. */

import type { SignedLabels } from "../array/labels.ts";
import { type NdArray, type Shape, sizeOf } from "../array/nd_array.ts";
import { cropOrPad } from "../array/crop_or_pad.ts";
import { type Box, isWithin } from "../array/box.ts";
import type { Sample } from "./transform.ts";
import { asVolumeShape } from "./volume_shape.ts";

/** A label map in memory. */
export type LabelMap = NdArray<SignedLabels>;

/** The image and label maps that a sample is cropped from. */
export interface SampleSource {
  /** Intensities, (c, z, y, x) or (c, y, x). */
  readonly image: NdArray<Float32Array<ArrayBuffer>>;
  /** Labels of the image's spatial shape. */
  readonly segmentation: LabelMap;
  /** For a cascade, the previous stage's labels, of the same shape. */
  readonly previousStage?: LabelMap;
}

/**
 * Crops an image and its label maps to a box, padding with 0 and −1 respectively.
 *
 * @param box Voxels to crop, (z, y, x); a slice is a volume of depth 1.
 * @param patchSize Spatial shape of the result: the box's size, or its last two axes for a slice.
 * @param mayOverwrite Whether the result may reuse the source's memory, which is cheaper than
 * allocating; it does if the box is within the source.
 */
export function cropSample(
  { image, segmentation, previousStage }: SampleSource,
  box: Box,
  patchSize: Shape,
  mayOverwrite = false,
): Sample {
  const channels = image.shape[0];
  const shape = asVolumeShape(segmentation.shape);
  const patchVoxels = sizeOf(patchSize);
  const inPlace = mayOverwrite && isWithin(box, shape);
  const values = inPlace
    ? image.data.subarray(0, channels * patchVoxels)
    : new Float32Array(channels * patchVoxels);
  for (let channel = 0; channel < channels; channel++) {
    cropOrPad(image.data, shape, box, 0, values, {
      sourceOffset: channel * sizeOf(shape),
      targetOffset: channel * patchVoxels,
    });
  }
  return {
    image: { shape: [channels, ...patchSize], data: values },
    segmentation: cropLabels(segmentation, box, patchSize, inPlace),
    ...previousStage && { previousStage: cropLabels(previousStage, box, patchSize, inPlace) },
  };
}

/** Crops a label map to a box, padding with −1. */
function cropLabels(
  { shape, data }: LabelMap,
  box: Box,
  patchSize: Shape,
  inPlace = false,
): NdArray<Int16Array<ArrayBuffer>> {
  const labels = inPlace && data instanceof Int16Array
    ? data.subarray(0, sizeOf(patchSize))
    : new Int16Array(sizeOf(patchSize));
  cropOrPad(data, asVolumeShape(shape), box, -1, labels);
  return { shape: patchSize, data: labels };
}
