/** Flips patches along their axes. */

import type { NdArray } from "../array/nd_array.ts";
import { copyBox, copyReversed } from "../simd/copy_box.ts";
import { scratchLike } from "../simd/scratch.ts";
import type { Transform } from "./transform.ts";
import { asVolumeShape } from "./volume_shape.ts";
import { requireKnown } from "../options/require_known.ts";

/**
 * Flips each allowed axis with probability ½. The parameters are the axes to flip.
 *
 * @param options.axes Spatial axes, 0 the outermost. Omit axes along which left and right have
 * different labels.
 * @returns The transform.
 * @see MIC-DKFZ/batchgeneratorsv2 0.3.6 transforms/spatial/mirroring.py
 *
 * @example Flipped upside down
 * ```ts
 * import assert from "node:assert/strict";
 * import { mirroring } from "nnunet/parts";
 *
 * const sample = {
 *   image: { shape: [1, 2, 2], data: Float32Array.of(1, 2, 3, 4) },
 *   segmentation: { shape: [2, 2], data: Int16Array.of(0, 0, 1, 1) },
 * };
 * const { image, segmentation } = mirroring({ axes: [0, 1] }).apply(sample, [0]);
 * assert.deepEqual(image.data, Float32Array.of(3, 4, 1, 2));
 * assert.deepEqual(segmentation.data, Int16Array.of(1, 1, 0, 0));
 * ```
 */
export function mirroring(
  options: { readonly axes: readonly number[] },
): Transform<readonly number[]> {
  requireKnown(options, { axes: true }, "make mirroring()");
  const { axes } = options;
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

/** Elements flipped per block: enough to amortise calls, few enough to stay in a cache. */
const BLOCK = 32768;

/** Flips spatial axes of an array; they are its last axes. */
function flipAxes<T extends Voxels>(
  { shape, data }: NdArray<T>,
  spatialAxes: number,
  axes: readonly number[],
  mayOverwrite = false,
): NdArray<T> {
  const [depth, height, width] = asVolumeShape(shape.slice(-spatialAxes));
  // Axes of a volume: a slice has a depth of 1 in front.
  const [flipZ, flipY, flipX] = [0, 1, 2].map((axis) => axes.includes(axis - 3 + spatialAxes));
  const flipped = (mayOverwrite ? data : data.slice()) as T;
  const plane = height * width;
  const blockPlanes = Math.max(1, Math.floor(BLOCK / plane));
  const size = Math.min(blockPlanes, depth) * plane;
  const [lower, upper, block] = scratchLike<Voxels>(flipped, size, size, size);
  const copy = flipX ? copyReversed : copyBox;
  /** Returns a block of planes, flipped. */
  const flipBlock = (array: Voxels, planes: number) => {
    const source = {
      array,
      from: (flipZ ? (planes - 1) * plane : 0) + (flipY ? plane - width : 0),
      planeStep: flipZ ? -plane : plane,
      rowStep: flipY ? -width : width,
    };
    const target = { array: block, from: 0, planeStep: plane, rowStep: width };
    copy(source, target, [planes, height, width]);
    return block.subarray(0, planes * plane);
  };
  for (let volume = 0; volume < flipped.length; volume += depth * plane) {
    for (let first = 0, end = depth; first < end;) {
      // The first of the remaining planes are swapped with the last.
      const remaining = end - first;
      const swaps = flipZ && remaining > 1;
      const planes = Math.min(blockPlanes, swaps ? remaining >> 1 : remaining);
      const count = planes * plane;
      const from = volume + first * plane;
      const to = swaps ? volume + (end - planes) * plane : from;
      lower.set(flipped.subarray(from, from + count));
      if (swaps) upper.set(flipped.subarray(to, to + count));
      flipped.set(flipBlock(lower, planes), to);
      if (swaps) flipped.set(flipBlock(upper, planes), from);
      first += planes;
      if (swaps) end -= planes;
    }
  }
  return { shape, data: flipped };
}
