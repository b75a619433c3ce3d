/** Small samples to augment. */

import { type Shape, sizeOf } from "../../lib/array/nd_array.ts";
import type { Sample } from "../../lib/augmentation/transform.ts";
import { createGenerator } from "../../lib/random/generator.ts";

/** Makes a sample of normally distributed intensities and random labels −1 to 3. */
export function randomSample(shape: Shape, seed: number, channels = 1): Sample {
  const generator = createGenerator(seed);
  const voxels = sizeOf(shape);
  return {
    image: {
      shape: [channels, ...shape],
      data: Float32Array.from({ length: channels * voxels }, () => generator.normal()),
    },
    segmentation: {
      shape,
      data: Int16Array.from({ length: voxels }, () => generator.integer(-1, 4)),
    },
  };
}

/** Makes a sample of one channel, whose labels are the intensities rounded down. */
export function sampleOf(shape: Shape, values: readonly number[]): Sample {
  return {
    image: { shape: [1, ...shape], data: Float32Array.from(values) },
    segmentation: { shape, data: Int16Array.from(values, Math.floor) },
  };
}
