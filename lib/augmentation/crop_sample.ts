/** Cutting an image and its labels alike. */

import type { SignedLabels } from "../array/labels.ts";
import { type NdArray, type Shape, sizeOf } from "../array/nd_array.ts";
import { cropOrPad } from "../array/crop_or_pad.ts";
import { type Box, isWithin } from "../array/box.ts";
import type { Sample } from "./transform.ts";
import { asVolumeShape } from "./volume_shape.ts";

/** A label map in memory. */
export type LabelMap = NdArray<SignedLabels>;

/** What a sample is cut from. */
export interface SampleSource {
  /** (c, z, y, x) or (c, y, x). */
  readonly image: NdArray<Float32Array<ArrayBuffer>>;
  /** The image's shape without its channels. */
  readonly segmentation: LabelMap;
  /** As the segmentation. */
  readonly previousStage?: LabelMap;
}

/**
 * The part of an image and its label maps within a box: 0 and −1 outside of them.
 *
 * @param patchSize Spatial shape of the result: the box's size, or its last two axes for a slice.
 * @param mayOverwrite Whether the result may lie in the source's memory, which new memory costs
 * more than; it does if the box lies within the source.
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

/** The part of a label map within a box: −1 outside. */
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
