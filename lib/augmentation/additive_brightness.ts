/** Brightness augmentation by adding an offset. */

import { stretch } from "../array/float_statistics.ts";
import { changeChosen, drawForChannels, type Transform } from "./transform.ts";

/**
 * Adds a normally distributed offset to channels. The parameters are one offset per channel;
 * undefined for channels left unchanged.
 *
 * @param options.sigma Standard deviation of the offsets.
 * @param options.channelProbability Probability that a channel is changed.
 * @see MIC-DKFZ/batchgeneratorsv2 0.3.6 transforms/intensity/brightness.py,
 * BrightnessAdditiveTransform
 */
export function additiveBrightness(
  { sigma, channelProbability }: { readonly sigma: number; readonly channelProbability: number },
): Transform<readonly (number | undefined)[]> {
  return {
    name: "additiveBrightness",
    draw: (generator, sample) =>
      drawForChannels(generator, sample, channelProbability, () => sigma * generator.normal()),
    apply: (sample, shifts, mayOverwrite) =>
      changeChosen(sample, shifts, mayOverwrite, (values, shift) => stretch(values, 1, shift)),
  };
}
