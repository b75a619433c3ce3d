/**
 * What the second stage of a cascade sees beside the scan: the first stage's segmentation.
 *
 * @see MIC-DKFZ/nnUNet nnunetv2/utilities/label_handling/label_handling.py
 * convert_labelmap_to_one_hot, and nnunetv2/inference/data_iterators.py
 */

import type { AnyLabels } from "../array/labels.ts";
import { type NdArray, sizeOf } from "../array/nd_array.ts";

/**
 * Appends a label map to an image, a channel of zeros and ones a label.
 *
 * @param image (c, z, y, x)
 * @param segmentation (z, y, x) on the image's grid, such as a preprocessed case's
 * @param labels Foreground labels in the plan's order.
 * @returns (c + labels, z, y, x)
 * @throws {TypeError} If the grids differ.
 */
export function appendPreviousStage(
  image: NdArray<Float32Array<ArrayBuffer>>,
  segmentation: NdArray<AnyLabels>,
  labels: readonly number[],
): NdArray<Float32Array<ArrayBuffer>> {
  const [channels, ...grid] = image.shape;
  if (segmentation.shape.join() !== grid.join()) {
    throw new TypeError(
      `Cannot use the previous stage: its shape is ${segmentation.shape.join(" × ")}, ` +
        `expected ${grid.join(" × ")}`,
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
