/** Simulates images acquired at a lower resolution. */

import type { Shape } from "../array/nd_array.ts";
import { roundHalfToEven } from "../array/rounding.ts";
import { changeChosen, drawForChannels, type Transform } from "./transform.ts";
import { asVolumeShape } from "./volume_shape.ts";
import { requireKnown } from "../options/require_known.ts";

/** Options of {@link lowResolution}. */
export interface LowResolutionOptions {
  /** Range of the fraction of voxels kept along each axis. */
  readonly scale: readonly [low: number, high: number];
  /** Probability that a channel is downsampled. */
  readonly channelProbability: number;
  /** Whether to keep the first spatial axis at full resolution, for anisotropic data. */
  readonly withinSlices: boolean;
}

/**
 * Downsamples channels by nearest-neighbour and upsamples them by linear interpolation. The
 * parameters are, per channel, the fraction of voxels kept along each axis; undefined for channels
 * left unchanged.
 *
 * @param options Range of the fraction of voxels kept, and which channels and axes change.
 * @returns The transform.
 * @see MIC-DKFZ/batchgeneratorsv2 0.3.6 transforms/spatial/low_resolution.py
 *
 * @example Half the resolution
 * ```ts
 * import assert from "node:assert/strict";
 * import { lowResolution } from "nnunet/parts";
 *
 * const sample = {
 *   image: { shape: [1, 2, 2], data: Float32Array.of(1, 2, 3, 4) },
 *   segmentation: { shape: [2, 2], data: Int16Array.of(0, 0, 1, 1) },
 * };
 * const options = { scale: [0.5, 1], channelProbability: 1, withinSlices: false } as const;
 * const { image } = lowResolution(options).apply(sample, [0.5]);
 * assert.equal(new Set(image.data).size, 1); // One voxel is left of four.
 * ```
 */
export function lowResolution(
  options: LowResolutionOptions,
): Transform<readonly (number | undefined)[]> {
  const known = { scale: true, channelProbability: true, withinSlices: true } as const;
  requireKnown(options, known, "make lowResolution()");
  const { scale, channelProbability, withinSlices } = options;
  return {
    name: "lowResolution",
    draw: (generator, sample) =>
      drawForChannels(generator, sample, channelProbability, () => generator.uniform(...scale)),
    apply(sample, scales, mayOverwrite) {
      const spatial = sample.segmentation.shape;
      return changeChosen(sample, scales, mayOverwrite, (values, share) => {
        reduce(values, spatial, spatial.map((_, axis) => withinSlices && axis === 0 ? 1 : share));
      });
    },
  };
}

/** For each voxel along an axis, the two source voxels and the weight of the second. */
interface Taps {
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly share: Float64Array;
}

/** Downsamples and upsamples a volume in place. */
function reduce(values: Float32Array, shape: Shape, scales: readonly number[]) {
  const [depth, height, width] = asVolumeShape(shape);
  const [tapsZ, tapsY, tapsX] = (shape.length === 2 ? [1, ...scales] : scales)
    .map((scale, axis) => tapsOf([depth, height, width][axis], scale));
  const plane = height * width;
  const source = copyOf(values);
  // The upsampled source rows, and planes, that the result is interpolated between.
  const rowAt = cacheOfTwo(width, (y, row, z) => {
    upsampleRow(source, z * plane + y * width, tapsX, row);
  });
  const upsamplePlane = (z: number, target: Float32Array, to: number) => {
    for (let y = 0; y < height; y++) {
      const first = rowAt(tapsY.first[y], tapsY.second[y], z);
      const second = rowAt(tapsY.second[y], tapsY.first[y], z);
      blend(first, second, tapsY.share[y], target, to + y * width);
    }
  };
  if (depth === 1) return upsamplePlane(0, values, 0);
  const planeAt = cacheOfTwo(plane, (z, target) => upsamplePlane(z, target, 0));
  for (let z = 0; z < depth; z++) {
    const first = planeAt(tapsZ.first[z], tapsZ.second[z]);
    const second = planeAt(tapsZ.second[z], tapsZ.first[z]);
    blend(first, second, tapsZ.share[z], values, z * plane);
  }
}

/**
 * Caches the two most recently used rows or planes.
 *
 * @param make Computes row or plane `index` of `group` into the given array.
 * @returns A function that returns row or plane `index` of a group, computing it if it is not
 * cached, without evicting `other`.
 */
function cacheOfTwo(
  length: number,
  make: (index: number, target: Float32Array, group: number) => void,
) {
  const at = (index: number, group: number) => ({ index, group, data: new Float32Array(length) });
  const pair = [at(-1, -1), at(-1, -1)];
  return (index: number, other: number, group = 0): Float32Array => {
    const [a, b] = pair;
    if (a.index === index && a.group === group) return a.data;
    if (b.index === index && b.group === group) return b.data;
    const free = a.index === other && a.group === group ? b : a;
    free.index = index;
    free.group = group;
    make(index, free.data, group);
    return free.data;
  };
}

/** Interpolates between two rows or planes. */
function blend(
  first: Float32Array,
  second: Float32Array,
  share: number,
  target: Float32Array,
  to: number,
) {
  for (let i = 0; i < first.length; i++) {
    const value = first[i];
    target[to + i] = value + share * (second[i] - value);
  }
}

function upsampleRow(source: Float32Array, from: number, taps: Taps, target: Float32Array) {
  const { first, second, share } = taps;
  for (let x = 0; x < target.length; x++) {
    const value = source[from + first[x]];
    target[x] = value + share[x] * (source[from + second[x]] - value);
  }
}

let scratch = new Float32Array(0);

/** Copies values into memory that the next call reuses: allocating costs more than copying. */
function copyOf(values: Float32Array): Float32Array {
  if (scratch.length < values.length) scratch = new Float32Array(values.length);
  scratch.set(values);
  return scratch;
}

/**
 * Combines nearest-neighbour downsampling and linear upsampling in one step, equivalent to PyTorch's
 * `interpolate` with modes `nearest-exact` and `linear`.
 */
function tapsOf(extent: number, scale: number): Taps {
  // Upstream holds the scale in single precision.
  const reduced = Math.max(1, roundHalfToEven(extent * Math.fround(scale)));
  const taps = {
    first: new Int32Array(extent),
    second: new Int32Array(extent),
    share: new Float64Array(extent),
  };
  const ratio = Math.fround(extent / reduced), inverse = Math.fround(reduced / extent);
  const nearest = (index: number) =>
    Math.min(extent - 1, Math.floor(Math.fround(Math.fround(index + 0.5) * ratio)));
  for (let i = 0; i < extent; i++) {
    const position = Math.max(0, Math.fround(Math.fround(inverse * (i + 0.5)) - 0.5));
    const below = Math.min(reduced - 1, Math.floor(position));
    const above = Math.min(reduced - 1, below + 1);
    taps.first[i] = nearest(below);
    taps.second[i] = nearest(above);
    taps.share[i] = above === below ? 0 : position - below;
  }
  return taps;
}
