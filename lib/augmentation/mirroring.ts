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
    exchange(flipped, {
      first: 0,
      second: stretch - 1,
      step: -1,
      count: stretch >> 1,
      repeats: flipped.length / stretch,
      firstStride: stretch,
      secondStride: stretch,
    });
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

/** Turns the order of blocks, each of which stays as it is. */
function swapBlocks(data: Voxels, from: number, count: number, size: number) {
  exchange(data, {
    first: from,
    second: from + (count - 1) * size,
    step: 1,
    count: size,
    repeats: count >> 1,
    firstStride: size,
    secondStride: -size,
  });
}

/** Elements to exchange. */
interface Exchange {
  /** Those from here upwards … */
  readonly first: number;
  /** … with those from here, upwards or downwards. */
  readonly second: number;
  readonly step: 1 | -1;
  readonly count: number;
  /** And again, so many times in all, this far from there. */
  readonly repeats: number;
  readonly firstStride: number;
  readonly secondStride: number;
}

function exchange(data: Voxels, what: Exchange) {
  // A loop for each type: one for both would be compiled for neither, and take four times as long.
  if (data instanceof Float32Array) exchangeFloats(data, what);
  else exchangeLabels(data, what);
}

function exchangeFloats(data: Float32Array, what: Exchange) {
  const { step, count, repeats, firstStride, secondStride } = what;
  let { first, second } = what;
  for (let repeat = 0; repeat < repeats; repeat++) {
    for (let i = first, j = second; i < first + count; i++, j += step) {
      const value = data[i];
      data[i] = data[j];
      data[j] = value;
    }
    first += firstStride;
    second += secondStride;
  }
}

function exchangeLabels(data: Int16Array, what: Exchange) {
  const { step, count, repeats, firstStride, secondStride } = what;
  let { first, second } = what;
  for (let repeat = 0; repeat < repeats; repeat++) {
    for (let i = first, j = second; i < first + count; i++, j += step) {
      const label = data[i];
      data[i] = data[j];
      data[j] = label;
    }
    first += firstStride;
    second += secondStride;
  }
}
