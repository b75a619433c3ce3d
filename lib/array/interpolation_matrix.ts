/**
 * Resizes one axis as PyTorch's `interpolate(align_corners=False, antialias=False)` does.
 *
 * Positions are rounded to float32 where PyTorch rounds them, so that the same voxels are taken.
 */

import type { LinearTaps } from "./linear_taps.ts";
import type { NdArray } from "./nd_array.ts";

/** Modes that take at most two voxels for a new one. */
export type TwoTapMode = "linear" | "nearest" | "nearest-exact";

/** PyTorch's constant of its cubic convolution. */
const CUBIC = -0.75;

/**
 * Returns the old voxels and weights of each new one.
 *
 * @param from Old number of voxels.
 * @param to New number of voxels.
 */
export function interpolationTaps(from: number, to: number, mode: TwoTapMode): LinearTaps {
  const first = new Int32Array(to);
  const second = new Int32Array(to);
  const firstWeight = new Float64Array(to);
  const secondWeight = new Float64Array(to);
  const scale = Math.fround(from / to);
  for (let i = 0; i < to; i++) {
    if (mode === "linear") {
      const position = Math.max(0, positionOf(i, scale));
      first[i] = Math.min(Math.floor(position), from - 1);
      second[i] = Math.min(first[i] + 1, from - 1);
      secondWeight[i] = Math.min(1, position - first[i]);
      firstWeight[i] = Math.fround(1 - secondWeight[i]);
    } else {
      const offset = mode === "nearest" ? 0 : 0.5;
      first[i] = from === to
        ? i
        : Math.min(Math.floor(Math.fround((i + offset) * scale)), from - 1);
      second[i] = first[i];
      firstWeight[i] = 1;
    }
  }
  return { first, second, firstWeight, secondWeight };
}

/** Returns the matrix that resizes an axis, of shape (to, from). */
export function interpolationMatrix(
  from: number,
  to: number,
  mode: TwoTapMode | "area" | "bicubic",
): NdArray<Float64Array<ArrayBuffer>> {
  const data = new Float64Array(to * from);
  if (mode === "area") {
    for (let row = 0; row < to; row++) {
      const begin = Math.floor(row * from / to);
      const end = Math.ceil((row + 1) * from / to);
      data.fill(1 / (end - begin), row * from + begin, row * from + end);
    }
  } else if (mode === "bicubic") {
    const scale = Math.fround(from / to);
    for (let row = 0; row < to; row++) {
      const position = positionOf(row, scale);
      const left = Math.floor(position);
      for (const [tap, weight] of cubicWeights(position - left).entries()) {
        data[row * from + Math.min(Math.max(left - 1 + tap, 0), from - 1)] += weight;
      }
    }
  } else {
    const taps = interpolationTaps(from, to, mode);
    for (let row = 0; row < to; row++) {
      data[row * from + taps.first[row]] += taps.firstWeight[row];
      data[row * from + taps.second[row]] += taps.secondWeight[row];
    }
  }
  return { shape: [to, from], data };
}

/** Position of a new voxel on the old axis, rounded once as by a fused multiply-add. */
function positionOf(index: number, scale: number): number {
  return Math.fround(scale * (index + 0.5) - 0.5);
}

/** Weights of the four voxels around a point `fraction` past the second. */
function cubicWeights(fraction: number): number[] {
  const near = (x: number) => ((CUBIC + 2) * x - (CUBIC + 3)) * x * x + 1;
  const far = (x: number) => ((CUBIC * x - 5 * CUBIC) * x + 8 * CUBIC) * x - 4 * CUBIC;
  return [far(fraction + 1), near(fraction), near(1 - fraction), far(2 - fraction)];
}
