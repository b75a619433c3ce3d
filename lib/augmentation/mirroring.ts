/** Flipping patches along their axes. */

import type { NdArray } from "../array/nd_array.ts";
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
    apply(sample, flipped, mayOverwrite) {
      if (flipped.length === 0) return sample;
      const { image, segmentation, previousStage } = sample;
      const spatialAxes = segmentation.shape.length;
      const flip = <T extends Voxels>(array: NdArray<T>) =>
        flipAxes(array, spatialAxes, flipped, mayOverwrite);
      return {
        image: flip(image),
        segmentation: flip(segmentation),
        ...previousStage && { previousStage: flip(previousStage) },
      };
    },
  };
}

type Voxels = Float32Array<ArrayBuffer> | Int16Array<ArrayBuffer>;

/** Flips spatial axes of an array, the last ones of all. */
function flipAxes<T extends Voxels>(
  { shape, data }: NdArray<T>,
  spatialAxes: number,
  axes: readonly number[],
  mayOverwrite = false,
): NdArray<T> {
  const [depth, height, width] = asVolumeShape(shape.slice(-spatialAxes));
  // Axes as those of a volume: a slice has its depth in front.
  const [flipZ, flipY, flipX] = [0, 1, 2].map((axis) => axes.includes(axis - 3 + spatialAxes));
  const flipped = (mayOverwrite ? data : data.slice()) as T;
  const plane = height * width;
  const volume = depth * plane;
  // Turning the order of all voxels of a stretch flips its axes together.
  if (flipX) {
    const stretch = !flipY ? width : flipZ ? volume : plane;
    for (let from = 0; from < flipped.length; from += stretch) reverse(flipped, from, stretch);
  }
  for (let from = 0; from < flipped.length; from += volume) {
    if (flipZ && flipY && !flipX) swapBlocks(flipped, from, depth * height, width);
    else if (flipZ && !(flipY && flipX)) swapBlocks(flipped, from, depth, plane);
    if (flipY && !flipX && !flipZ) {
      for (let z = 0; z < depth; z++) swapBlocks(flipped, from + z * plane, height, width);
    }
  }
  return { shape, data: flipped };
}

/** Turns the order of a stretch of elements. */
function reverse(data: Voxels, from: number, length: number) {
  exchange(data, from, from + length - 1, -1, length >> 1);
}

/** Turns the order of blocks, each of which stays as it is. */
function swapBlocks(data: Voxels, from: number, count: number, size: number) {
  for (let block = 0; block < count >> 1; block++) {
    exchange(data, from + block * size, from + (count - 1 - block) * size, 1, size);
  }
}

/** Exchanges elements from `first` upwards with those from `second` up- or downwards. */
function exchange(data: Voxels, first: number, second: number, step: 1 | -1, count: number) {
  // A loop for each type: one for both would be compiled for neither, and take four times as long.
  if (data instanceof Float32Array) exchangeFloats(data, first, second, step, count);
  else exchangeLabels(data, first, second, step, count);
}

function exchangeFloats(
  data: Float32Array,
  first: number,
  second: number,
  step: 1 | -1,
  count: number,
) {
  for (let i = 0, j = second; i < count; i++, j += step) {
    const value = data[first + i];
    data[first + i] = data[j];
    data[j] = value;
  }
}

function exchangeLabels(
  data: Int16Array,
  first: number,
  second: number,
  step: 1 | -1,
  count: number,
) {
  for (let i = 0, j = second; i < count; i++, j += step) {
    const label = data[first + i];
    data[first + i] = data[j];
    data[j] = label;
  }
}
