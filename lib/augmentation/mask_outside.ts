/** The last steps: what lies outside the nonzero mask is neither seen nor a label. */

import { type Transform, withImageData } from "./transform.ts";

/**
 * Sets voxels of label −1 to zero in the channels that were normalised within the nonzero mask,
 * where the intensity transforms have moved them.
 *
 * @param options.channels Whether each channel was.
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

/** Turns label −1 into background, 0. */
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
