/** Images as if they had been taken with fewer voxels. */

import type { Shape } from "../array/nd_array.ts";
import { roundHalfToEven } from "../array/rounding.ts";
import { changeChannels, type Transform } from "./transform.ts";
import { asVolumeShape } from "./volume_shape.ts";

/** How often and how far channels are reduced. */
export interface LowResolutionOptions {
  /** Range of the share of voxels kept along each axis. */
  readonly scale: readonly [low: number, high: number];
  /** Probability that a channel is reduced. */
  readonly channelProbability: number;
  /** Keep the first spatial axis as it is, which anisotropic data need. */
  readonly withinSlices: boolean;
}

/**
 * Reduces channels to fewer voxels, each the nearest one, and enlarges them linearly. Parameters are
 * the share of voxels kept along each axis, one for each channel; undefined where it stays as it is.
 *
 * @see MIC-DKFZ/batchgeneratorsv2 0.3.6 transforms/spatial/low_resolution.py
 */
export function lowResolution(
  { scale, channelProbability, withinSlices }: LowResolutionOptions,
): Transform<readonly (number | undefined)[]> {
  return {
    name: "lowResolution",
    draw: (generator, { image }) =>
      Array.from(
        { length: image.shape[0] },
        () => generator.uniform() < channelProbability ? generator.uniform(...scale) : undefined,
      ),
    apply(sample, scales, mayOverwrite) {
      if (scales.every((share) => share === undefined)) return sample;
      const spatial = sample.image.shape.slice(1);
      return changeChannels(sample, mayOverwrite, (values, channel) => {
        const share = scales[channel];
        if (share === undefined) return;
        reduce(values, spatial, spatial.map((_, axis) => withinSlices && axis === 0 ? 1 : share));
      });
    },
  };
}

/** Of each voxel along an axis: the two voxels it is made of, and the second one's share. */
interface Taps {
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly share: Float64Array;
}

/** Reduces and enlarges a volume in place. */
function reduce(values: Float32Array, shape: Shape, scales: readonly number[]) {
  const [depth, height, width] = asVolumeShape(shape);
  const [tapsZ, tapsY, tapsX] = (shape.length === 2 ? [1, ...scales] : scales)
    .map((scale, axis) => tapsOf([depth, height, width][axis], scale));
  const source = values.slice();
  const plane = height * width;
  // Planes between which the result lies, already enlarged; kept from one voxel to the next.
  const planes = [
    { z: -1, data: new Float32Array(plane) },
    { z: -1, data: new Float32Array(plane) },
  ];
  const row = new Float32Array(width);
  const enlarge = (z: number, target: Float32Array) => {
    let previousFirst = -1, previousSecond = -1;
    for (let y = 0; y < height; y++) {
      const at = z * plane, to = y * width;
      const a = at + tapsY.first[y] * width, b = at + tapsY.second[y] * width;
      const share = tapsY.share[y];
      if (share === 0 && a === previousFirst && previousSecond === previousFirst) {
        target.copyWithin(to, to - width, to);
        continue;
      }
      [previousFirst, previousSecond] = [a, share === 0 ? a : b];
      for (let x = 0; x < width; x++) {
        const value = source[a + x];
        row[x] = value + share * (source[b + x] - value);
      }
      enlargeRow(row, tapsX, target, to);
    }
  };
  /** The enlarged plane of a source plane; of the two at hand, `other` is not to be given up. */
  const planeAt = (z: number, other: number) => {
    let found = planes.find((one) => one.z === z);
    if (!found) {
      found = planes[0].z === other ? planes[1] : planes[0];
      found.z = z;
      enlarge(z, found.data);
    }
    return found.data;
  };
  for (let z = 0; z < depth; z++) {
    const zFirst = tapsZ.first[z], zSecond = tapsZ.second[z], share = tapsZ.share[z];
    const first = planeAt(zFirst, zSecond);
    if (share === 0) {
      values.set(first, z * plane);
      continue;
    }
    const second = planeAt(zSecond, zFirst);
    for (let i = 0, to = z * plane; i < plane; i++, to++) {
      const value = first[i];
      values[to] = value + share * (second[i] - value);
    }
  }
}

function enlargeRow(row: Float32Array, taps: Taps, target: Float32Array, to: number) {
  const { first, second, share } = taps;
  for (let x = 0; x < first.length; x++) {
    const value = row[first[x]];
    target[to + x] = value + share[x] * (row[second[x]] - value);
  }
}

/**
 * Nearest voxels down and linear interpolation up again, in one: as PyTorch's `interpolate` does,
 * with modes `nearest-exact` and `linear`.
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
