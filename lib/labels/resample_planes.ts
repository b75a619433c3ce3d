/** Linear resampling of many heads in the memory of a few planes. */

import { type LinearTaps, linearTaps } from "../array/linear_taps.ts";
import { type NdArray, type Shape, sizeOf, type Zyx, zyx } from "../array/nd_array.ts";

/** First index and the one after the last. */
export type Range = readonly [begin: number, end: number];

/**
 * Where new voxels take their values from, along each axis.
 *
 * @param from Old shape, (z, y, x).
 * @param to New shape.
 * @param separate Axis along which the nearest plane is taken instead of a mean, if any.
 */
export function tapsBetween(from: Shape, to: Shape, separate: number | undefined): Zyx<LinearTaps> {
  return zyx(from.map((extent, axis) => linearTaps(extent, to[axis], axis === separate ? 0 : 1)));
}

/** New voxels whose later tap lies in a range: ranges without gaps give such without gaps. */
export function newVoxels({ second }: LinearTaps, [begin, end]: Range): Range {
  const from = second.findIndex((tap) => tap >= begin);
  if (from < 0) return [0, 0];
  const to = second.findIndex((tap) => tap >= end);
  return [from, to < 0 ? second.length : to];
}

/**
 * Resamples plane by plane, and within a plane head by head, handing out each before the next is
 * made: the memory needed does not grow with the number of heads or planes.
 *
 * @param logits A box of a volume, (heads, z, y, x).
 * @param origin Of the box in the volume.
 * @param taps Of the whole volume.
 * @param ranges New voxels to make, along each axis; all their taps must lie in the box.
 * @param visit Gets new plane `z` of a head, (y, x) of the ranges; the array is reused.
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
 * @param shape New shape, (z, y, x).
 */
export function forEachResampledPlane(
  logits: NdArray,
  shape: Shape,
  separate: number | undefined,
  visit: (z: number, head: number, plane: Float32Array) => void,
) {
  const taps = tapsBetween(logits.shape.slice(1), shape, separate);
  const all = ([z, y, x]: Shape): Zyx<Range> => [[0, z], [0, y], [0, x]];
  forEachPlaneWithin(logits, [0, 0, 0], taps, all(shape), visit);
}

/** Weighted sum of two stretches of `source`, as long as `target`. */
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
