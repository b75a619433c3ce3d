/** Encodes a cascade's previous segmentation as image channels, one-hot per label. */

import { sizeOf } from "../array/nd_array.ts";
import type { Transform } from "./transform.ts";

/**
 * Appends the previous stage's segmentation to the image as one channel of zeros and ones per label.
 * A sample without one is left unchanged.
 *
 * @param options.labels Foreground labels, in the order of their channels.
 * @see MIC-DKFZ/batchgeneratorsv2 0.3.6 transforms/nnunet/seg_to_onehot.py
 */
export function previousStageToChannels(
  { labels }: { readonly labels: readonly number[] },
): Transform<void> {
  return {
    name: "previousStageToChannels",
    draw: () => {},
    apply({ image, segmentation, previousStage }) {
      if (!previousStage) return { image, segmentation };
      const [channels, ...shape] = image.shape;
      const voxels = sizeOf(shape);
      const values = new Float32Array((channels + labels.length) * voxels);
      values.set(image.data);
      const { data } = previousStage;
      labels.forEach((label, i) => {
        const channel = values.subarray((channels + i) * voxels, (channels + i + 1) * voxels);
        for (let voxel = 0; voxel < voxels; voxel++) if (data[voxel] === label) channel[voxel] = 1;
      });
      return { image: { shape: [channels + labels.length, ...shape], data: values }, segmentation };
    },
  };
}
