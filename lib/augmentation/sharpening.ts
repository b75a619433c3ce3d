/** Sharpening augmentation. */

import type { Zyx } from "../array/nd_array.ts";
import { changeChosen, drawForChannels, type Transform } from "./transform.ts";
import { asVolumeShape } from "./volume_shape.ts";

/**
 * Sharpens channels by adding each voxel's differences from its neighbours along all axes. The
 * parameters are one strength per channel; undefined for channels left unchanged.
 *
 * @param options.strength Range of the factor on the differences.
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

/** Sharpens in place. A border voxel is its own neighbour, so slices have no effect along z. */
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
