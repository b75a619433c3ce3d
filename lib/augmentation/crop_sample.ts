/** Cutting an image and its labels alike. */

import { type NdArray, type Shape, sizeOf } from "../array/nd_array.ts";
import { type Box, cropOrPad } from "./crop_or_pad.ts";
import type { Sample } from "./transform.ts";
import { asVolumeShape } from "./volume_shape.ts";

/**
 * The part of an image and its labels within a box: 0 and −1 outside of them.
 *
 * @param image (c, z, y, x) or (c, y, x).
 * @param segmentation The image's shape without its channels.
 * @param patchSize Spatial shape of the result: the box's size, or its last two axes for a slice.
 */
export function cropSample(
  image: NdArray<Float32Array<ArrayBuffer>>,
  segmentation: NdArray<Int8Array<ArrayBuffer> | Int16Array<ArrayBuffer>>,
  box: Box,
  patchSize: Shape,
): Sample {
  const channels = image.shape[0];
  const shape = asVolumeShape(segmentation.shape);
  const patchVoxels = sizeOf(patchSize);
  const values = new Float32Array(channels * patchVoxels);
  for (let channel = 0; channel < channels; channel++) {
    cropOrPad(image.data, shape, box, 0, values, {
      sourceOffset: channel * sizeOf(shape),
      targetOffset: channel * patchVoxels,
    });
  }
  const labels = new Int16Array(patchVoxels);
  cropOrPad(segmentation.data, shape, box, -1, labels);
  return {
    image: { shape: [channels, ...patchSize], data: values },
    segmentation: { shape: patchSize, data: labels },
  };
}
