/** Smoothing of images. */

import type { Shape } from "../array/nd_array.ts";
import { roundHalfToEven } from "../array/rounding.ts";
import { changeChannels, type Transform } from "./transform.ts";
import { asVolumeShape } from "./volume_shape.ts";

/** How often and how much channels are smoothed. */
export interface BlurOptions {
  /** Range of standard deviations in voxels. */
  readonly sigma: readonly [low: number, high: number];
  /** Probability that a channel is smoothed. */
  readonly channelProbability: number;
}

/** Standard deviations of the whole width of a kernel. */
const KERNEL_WIDTH = 6;

/**
 * Convolves channels with a Gaussian, mirrored at the borders. Parameters are the standard
 * deviations in voxels along each axis, for each channel; undefined where it stays as it is.
 *
 * @see MIC-DKFZ/batchgeneratorsv2 0.3.6 transforms/noise/gaussian_blur.py
 */
export function gaussianBlur(
  { sigma, channelProbability }: BlurOptions,
): Transform<readonly (readonly number[] | undefined)[]> {
  return {
    name: "gaussianBlur",
    draw: (generator, { image }) =>
      Array.from(
        { length: image.shape[0] },
        () =>
          generator.uniform() < channelProbability
            ? image.shape.slice(1).map(() => generator.uniform(...sigma))
            : undefined,
      ),
    apply(sample, sigmas, mayOverwrite) {
      if (sigmas.every((chosen) => chosen === undefined)) return sample;
      const spatial = sample.image.shape.slice(1);
      return changeChannels(sample, mayOverwrite, (values, channel) => {
        const chosen = sigmas[channel];
        if (chosen) blur(values, spatial, chosen.map(gaussianKernel));
      });
    },
  };
}

/**
 * Weights at the distances 0, 1, 2, … from the middle of a Gaussian kernel, whose sum is 1 with all
 * but the first counted twice.
 *
 * @param sigma In voxels, above 0.
 */
export function gaussianKernel(sigma: number): Float64Array {
  const radius = (nearestOdd(sigma * KERNEL_WIDTH + 0.5) - 1) / 2;
  const weights = Float64Array.from(
    { length: radius + 1 },
    (_, distance) => Math.exp(-0.5 * (distance / sigma) ** 2),
  );
  const sum = weights.reduce(
    (total, weight, distance) => total + (distance > 0 ? 2 : 1) * weight,
    0,
  );
  return weights.map((weight) => weight / sum);
}

/** The nearest odd number, of two the one on the side that the value is rounded from. */
function nearestOdd(value: number): number {
  const rounded = roundHalfToEven(value);
  if (rounded % 2 !== 0) return rounded;
  return value >= rounded ? rounded + 1 : rounded - 1;
}

/** Smooths a volume or slice in place, axis by axis. */
function blur(values: Float32Array, shape: Shape, kernels: readonly Float64Array[]) {
  const [depth, height, width] = asVolumeShape(shape);
  const kernelY = kernels[kernels.length - 2], kernelX = kernels[kernels.length - 1];
  const plane = height * width;
  const rows = new Float32Array(Math.max(depth, height) * width);
  const row = new Float32Array(width + 2 * (kernelX.length - 1));
  for (let z = 0; z < depth; z++) {
    rows.set(values.subarray(z * plane, (z + 1) * plane));
    for (let y = 0; y < height; y++) {
      blurAcross(rows, width, y, height, kernelY, row, kernelX.length - 1);
      blurAlong(row, width, kernelX, values, z * plane + y * width);
    }
  }
  if (kernels.length < 3) return;
  for (let y = 0; y < height; y++) {
    for (let z = 0; z < depth; z++) {
      const from = z * plane + y * width;
      rows.set(values.subarray(from, from + width), z * width);
    }
    for (let z = 0; z < depth; z++) {
      blurAcross(rows, width, z, depth, kernels[0], values, z * plane + y * width);
    }
  }
}

/** Row `at` of `count` rows, smoothed with those before and after it. */
function blurAcross(
  rows: Float32Array,
  width: number,
  at: number,
  count: number,
  kernel: Float64Array,
  target: Float32Array,
  to: number,
) {
  const offset = (distance: number) => mirrored(at + distance, count) * width;
  const middle = at * width;
  const w0 = kernel[0];
  // Kernels of nnU-Net's sigmas reach one, two or three voxels: one pass over the row each.
  const radius = kernel.length - 1;
  if (radius === 0) {
    for (let x = 0; x < width; x++) target[to + x] = rows[middle + x];
    return;
  }
  const w1 = kernel[1], before1 = offset(-1), after1 = offset(1);
  if (radius === 1) {
    for (let x = 0; x < width; x++) {
      target[to + x] = w0 * rows[middle + x] + w1 * (rows[before1 + x] + rows[after1 + x]);
    }
    return;
  }
  const w2 = kernel[2], before2 = offset(-2), after2 = offset(2);
  if (radius === 2) {
    for (let x = 0; x < width; x++) {
      target[to + x] = w0 * rows[middle + x] + w1 * (rows[before1 + x] + rows[after1 + x]) +
        w2 * (rows[before2 + x] + rows[after2 + x]);
    }
    return;
  }
  const w3 = kernel[3], before3 = offset(-3), after3 = offset(3);
  for (let x = 0; x < width; x++) {
    target[to + x] = w0 * rows[middle + x] + w1 * (rows[before1 + x] + rows[after1 + x]) +
      w2 * (rows[before2 + x] + rows[after2 + x]) + w3 * (rows[before3 + x] + rows[after3 + x]);
  }
  for (let distance = 4; distance <= radius; distance++) {
    const weight = kernel[distance], before = offset(-distance), after = offset(distance);
    for (let x = 0; x < width; x++) target[to + x] += weight * (rows[before + x] + rows[after + x]);
  }
}

/**
 * Smooths one row along itself.
 *
 * @param row The row's values from index `radius` on; its margins are filled here.
 */
function blurAlong(
  row: Float32Array,
  width: number,
  kernel: Float64Array,
  target: Float32Array,
  to: number,
) {
  const radius = kernel.length - 1;
  for (let distance = 1; distance <= radius; distance++) {
    row[radius - distance] = row[radius + mirrored(-distance, width)];
    row[radius + width - 1 + distance] = row[radius + mirrored(width - 1 + distance, width)];
  }
  const w0 = kernel[0];
  if (radius === 1) {
    const w1 = kernel[1];
    for (let x = 0; x < width; x++) target[to + x] = w0 * row[x + 1] + w1 * (row[x] + row[x + 2]);
    return;
  }
  if (radius === 2) {
    const w1 = kernel[1], w2 = kernel[2];
    for (let x = 0; x < width; x++) {
      target[to + x] = w0 * row[x + 2] + w1 * (row[x + 1] + row[x + 3]) +
        w2 * (row[x] + row[x + 4]);
    }
    return;
  }
  if (radius === 3) {
    const w1 = kernel[1], w2 = kernel[2], w3 = kernel[3];
    for (let x = 0; x < width; x++) {
      target[to + x] = w0 * row[x + 3] + w1 * (row[x + 2] + row[x + 4]) +
        w2 * (row[x + 1] + row[x + 5]) + w3 * (row[x] + row[x + 6]);
    }
    return;
  }
  for (let x = 0; x < width; x++) {
    let sum = w0 * row[x + radius];
    for (let distance = 1; distance <= radius; distance++) {
      sum += kernel[distance] * (row[x + radius - distance] + row[x + radius + distance]);
    }
    target[to + x] = sum;
  }
}

/** Index within 0 … extent − 1 after mirroring at the first and last voxel, as often as needed. */
function mirrored(index: number, extent: number): number {
  if (extent === 1) return 0;
  const period = 2 * (extent - 1);
  const inPeriod = ((index % period) + period) % period;
  return inPeriod < extent ? inPeriod : period - inPeriod;
}
