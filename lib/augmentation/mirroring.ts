/** Flipping patches along their axes. */

import { type NdArray, sizeOf } from "../array/nd_array.ts";
import type { Transform } from "./transform.ts";
import { asVolumeShape } from "./volume_shape.ts";

/**
 * Flips each allowed axis with probability ½. Parameters are the axes to flip.
 *
 * @param options.axes Spatial axes, 0 the outermost. Leave out those along which left and right
 * are labels of their own.
 * @see MIC-DKFZ/batchgeneratorsv2 0.3.6 transforms/spatial/mirroring.py
 */
export function mirroring(
  { axes }: { readonly axes: readonly number[] },
): Transform<readonly number[]> {
  return {
    name: "mirroring",
    draw: (generator) => axes.filter(() => generator.uniform() < 0.5),
    apply(sample, flipped) {
      if (flipped.length === 0) return sample;
      const { image, segmentation, previousStage } = sample;
      return {
        image: flip(image, flipped, 1),
        segmentation: flip(segmentation, flipped, 0),
        ...previousStage && { previousStage: flip(previousStage, flipped, 0) },
      };
    },
  };
}

/** Flips spatial axes of an array whose first `leading` axes are not spatial. */
function flip<T extends Float32Array<ArrayBuffer> | Int16Array<ArrayBuffer>>(
  { shape, data }: NdArray<T>,
  axes: readonly number[],
  leading: 0 | 1,
): NdArray<T> {
  const spatial = shape.slice(leading);
  const [depth, height, width] = asVolumeShape(spatial);
  // Axes as those of a volume: a slice has its depth in front.
  const [flipZ, flipY, flipX] = [0, 1, 2].map((axis) => axes.includes(axis - 3 + spatial.length));
  const rows = sizeOf(shape) / width;
  const flipped = data.slice() as T;
  for (let row = 0; row < rows; row++) {
    const y = row % height;
    const z = (row - y) / height % depth;
    const sourceRow = row + (flipZ ? depth - 1 - 2 * z : 0) * height +
      (flipY ? height - 1 - 2 * y : 0);
    const from = sourceRow * width, to = row * width;
    if (flipX) {
      for (let x = 0; x < width; x++) flipped[to + x] = data[from + width - 1 - x];
    } else {
      for (let x = 0; x < width; x++) flipped[to + x] = data[from + x];
    }
  }
  return { shape, data: flipped };
}
