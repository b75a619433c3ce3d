/** Sharpening of images. */

import type { Zyx } from "../array/nd_array.ts";
import { changeChosen, drawForChannels, type Transform } from "./transform.ts";
import { asVolumeShape } from "./volume_shape.ts";

/**
 * Adds to channels what each voxel has more than its neighbours along all axes. Parameters are the
 * strengths; undefined where a channel stays as it is.
 *
 * @param options.strength Range of factors.
 * @param options.channelProbability Probability that a channel is changed.
 * @see MIC-DKFZ/batchgeneratorsv2 0.3.6 transforms/noise/sharpen.py
 */
export function sharpening(
  { strength, channelProbability }: {
    readonly strength: readonly [low: number, high: number];
    readonly channelProbability: number;
  },
): Transform<readonly (number | undefined)[]> {
  return {
    name: "sharpening",
    draw: (generator, sample) =>
      drawForChannels(
        generator,
        sample,
        channelProbability,
        () => generator.uniform(...strength),
      ),
    apply(sample, strengths, mayOverwrite) {
      const shape = asVolumeShape(sample.segmentation.shape);
      return changeChosen(sample, strengths, mayOverwrite, (values, factor) => {
        sharpen(values, shape, factor);
      });
    },
  };
}

/** At the borders a voxel is its own neighbour, so that a slice has none before and behind. */
function sharpen(values: Float32Array, [depth, height, width]: Zyx, factor: number) {
  const source = values.slice();
  const plane = height * width;
  for (let i = 0, z = 0; z < depth; z++) {
    const above = z > 0 ? -plane : 0, below = z < depth - 1 ? plane : 0;
    for (let y = 0; y < height; y++) {
      const before = y > 0 ? -width : 0, behind = y < height - 1 ? width : 0;
      for (let x = 0; x < width; x++, i++) {
        const left = x > 0 ? -1 : 0, right = x < width - 1 ? 1 : 0;
        const around = source[i + above] + source[i + below] + source[i + before] +
          source[i + behind] + source[i + left] + source[i + right];
        values[i] = source[i] + factor * (6 * source[i] - around);
      }
    }
  }
}
