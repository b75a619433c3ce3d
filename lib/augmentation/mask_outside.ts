/** Final augmentation steps: clears voxels outside the nonzero mask. */

import { type Transform, withImageData } from "./transform.ts";

/**
 * Resets voxels with label −1 to 0 in channels that were normalised within the nonzero mask, since
 * intensity transforms have changed them.
 *
 * @param options.channels Whether each channel was normalised within the mask.
 * @see MIC-DKFZ/batchgeneratorsv2 0.3.6 transforms/utils/nnunet_masking.py
 */
export function maskOutside(
  { channels }: { readonly channels: readonly boolean[] },
): Transform<void> {
  return {
    name: "maskOutside",
    draw: () => {},
    apply(sample, _, mayOverwrite) {
      const labels = sample.segmentation.data;
      if (!channels.includes(true) || !labels.includes(-1)) return sample;
      const values = mayOverwrite ? sample.image.data : sample.image.data.slice();
      channels.forEach((masked, channel) => {
        if (!masked) return;
        const first = channel * labels.length;
        for (let i = 0; i < labels.length; i++) if (labels[i] < 0) values[first + i] = 0;
      });
      return withImageData(sample, values);
    },
  };
}

/** Changes label −1 to background, 0. */
export function outsideToBackground(): Transform<void> {
  return {
    name: "outsideToBackground",
    draw: () => {},
    apply(sample, _, mayOverwrite) {
      const { shape, data } = sample.segmentation;
      if (!data.includes(-1)) return sample;
      const labels = mayOverwrite ? data : data.slice();
      for (let i = 0; i < labels.length; i++) if (labels[i] === -1) labels[i] = 0;
      return { ...sample, segmentation: { shape, data: labels } };
    },
  };
}
