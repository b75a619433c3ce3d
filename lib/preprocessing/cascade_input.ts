/**
 * Adds the first stage's segmentation to the input of a cascade's second stage.
 *
 * @see MIC-DKFZ/nnUNet nnunetv2/utilities/label_handling/label_handling.py
 * convert_labelmap_to_one_hot, and nnunetv2/inference/data_iterators.py
 */

import type { AnyLabels } from "../array/labels.ts";
import { type NdArray, sizeOf } from "../array/nd_array.ts";

/**
 * Appends a label map to an image as one channel of zeros and ones per label.
 *
 * @param image Intensities, (c, z, y, x).
 * @param segmentation Labels on the image's grid, (z, y, x).
 * @param labels Foreground labels, in the plan's order.
 * @returns A new array, (c + labels, z, y, x).
 * @throws {TypeError} If the spatial shapes differ.
 */
export function appendPreviousStage(
  image: NdArray<Float32Array<ArrayBuffer>>,
  segmentation: NdArray<AnyLabels>,
  labels: readonly number[],
): NdArray<Float32Array<ArrayBuffer>> {
  const [channels, ...grid] = image.shape;
  if (segmentation.shape.join() !== grid.join()) {
    throw new TypeError(
      `Cannot append the previous stage: its shape is ${segmentation.shape.join(" × ")}, ` +
        `expected the image's ${grid.join(" × ")}`,
    );
  }
  const voxels = sizeOf(grid);
  const data = new Float32Array((channels + labels.length) * voxels);
  data.set(image.data);
  labels.forEach((label, i) => {
    const channel = data.subarray((channels + i) * voxels, (channels + i + 1) * voxels);
    for (let voxel = 0; voxel < voxels; voxel++) {
      if (segmentation.data[voxel] === label) channel[voxel] = 1;
    }
  });
  return { shape: [channels + labels.length, ...grid], data };
}
