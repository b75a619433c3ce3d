/** Resamples the logits of many heads linearly, with memory for a few planes only. */

import type { LinearTaps } from "../array/linear_taps.ts";
import { type NdArray, type Shape, sizeOf, type Zyx, zyx } from "../array/nd_array.ts";
import { type AxisMethods, axisTaps, type TwoTapMethod } from "../preprocessing/axis_methods.ts";

/** The first index and one past the last. */
export type Range = readonly [begin: number, end: number];

/**
 * Returns the old voxels and weights that each new voxel is interpolated from, per axis.
 *
 * @param from Old shape, (z, y, x).
 * @param to New shape, (z, y, x).
 * @param methods How each axis is resized.
 */
export function tapsBetween(
  from: Shape,
  to: Shape,
  { axes }: AxisMethods<TwoTapMethod>,
): Zyx<LinearTaps> {
  return zyx(from.map((extent, axis) => axisTaps(axes[axis], extent, to[axis])));
}

/**
 * Returns the range of new voxels whose second tap is in a range of old voxels. Adjacent ranges of
 * old voxels give adjacent ranges of new ones.
 */
export function newVoxels({ second }: LinearTaps, [begin, end]: Range): Range {
  const from = second.findIndex((tap) => tap >= begin);
  if (from < 0) return [0, 0];
  const to = second.findIndex((tap) => tap >= end);
  return [from, to < 0 ? second.length : to];
}

/**
 * Resamples plane by plane, and within a plane head by head, passing each to the visitor before
 * computing the next, so memory does not grow with the number of heads or planes.
 *
 * @param logits A box of a volume, (heads, z, y, x).
 * @param origin Index of the box's first voxel in the volume, (z, y, x).
 * @param taps Taps of the whole volume, per axis.
 * @param ranges New voxels to compute, per axis; all their taps must be in the box.
 * @param visit Receives new plane `z` of a head, (y, x) of the ranges; the array is reused.
 */
export function forEachPlaneWithin(
  logits: NdArray,
  origin: Zyx,
  [z, y, x]: Zyx<LinearTaps>,
  [depths, rows, columns]: Zyx<Range>,
  visit: (z: number, head: number, plane: Float32Array) => void,
) {
  const [heads, ...size] = logits.shape;
  const [, , width] = size;
  const oldPlane = size[1] * width;
  const oldVolume = sizeOf(size);
  // Doubles between the axes, rounded once at the end: nnU-Net interpolates in doubles, too.
  const blended = new Float64Array(oldPlane);
  const row = new Float64Array(width);
  const newWidth = columns[1] - columns[0];
  const plane = new Float32Array((rows[1] - rows[0]) * newWidth);
  const firsts = x.first.slice(...columns).map((tap) => tap - origin[2]);
  const seconds = x.second.slice(...columns).map((tap) => tap - origin[2]);
  const firstWeights = x.firstWeight.slice(...columns);
  const secondWeights = x.secondWeight.slice(...columns);

  for (let k = depths[0]; k < depths[1]; k++) {
    for (let head = 0; head < heads; head++) {
      const first = head * oldVolume + (z.first[k] - origin[0]) * oldPlane;
      const second = head * oldVolume + (z.second[k] - origin[0]) * oldPlane;
      blend(logits.data, first, z.firstWeight[k], second, z.secondWeight[k], blended);
      for (let j = rows[0]; j < rows[1]; j++) {
        const above = (y.first[j] - origin[1]) * width;
        const below = (y.second[j] - origin[1]) * width;
        blend(blended, above, y.firstWeight[j], below, y.secondWeight[j], row);
        const start = (j - rows[0]) * newWidth;
        for (let i = 0; i < newWidth; i++) {
          plane[start + i] = firstWeights[i] * row[firsts[i]] +
            secondWeights[i] * row[seconds[i]];
        }
      }
      visit(k, head, plane);
    }
  }
}

/**
 * Resamples a whole volume; see {@link forEachPlaneWithin}.
 *
 * @param logits (heads, z, y, x)
 * @param shape New shape, (z, y, x).
 * @param methods How each axis is resized.
 * @param visit Receives new plane `z` of a head, (y, x); the array is reused.
 */
export function forEachResampledPlane(
  logits: NdArray,
  shape: Shape,
  methods: AxisMethods<TwoTapMethod>,
  visit: (z: number, head: number, plane: Float32Array) => void,
) {
  const taps = tapsBetween(logits.shape.slice(1), shape, methods);
  const all = ([z, y, x]: Shape): Zyx<Range> => [[0, z], [0, y], [0, x]];
  forEachPlaneWithin(logits, [0, 0, 0], taps, all(shape), visit);
}

/** Sets `target` to the weighted sum of two runs of `source` that begin at `first` and `second`. */
function blend(
  source: Float32Array | Float64Array,
  first: number,
  firstWeight: number,
  second: number,
  secondWeight: number,
  target: Float64Array,
) {
  for (let i = 0; i < target.length; i++) {
    target[i] = firstWeight * source[first + i] + secondWeight * source[second + i];
  }
}
