/** Linear resampling of many heads in the memory of a few planes. */

import { linearTaps } from "../array/linear_taps.ts";
import { type NdArray, type Shape, sizeOf } from "../array/nd_array.ts";

/**
 * Resamples plane by plane, and within a plane head by head, handing out each before the next is
 * made: the memory needed does not grow with the number of heads or planes.
 *
 * @param logits (heads, z, y, x)
 * @param shape New shape, (z, y, x).
 * @param separate Axis along which the nearest plane is taken instead of a mean, if any.
 * @param visit Gets new plane `z` of a head, (y, x); the array is reused for the next.
 */
export function forEachResampledPlane(
  logits: NdArray,
  shape: Shape,
  separate: number | undefined,
  visit: (z: number, head: number, plane: Float32Array) => void,
) {
  const [heads, ...from] = logits.shape;
  const [z, y, x] = from.map((extent, axis) =>
    linearTaps(extent, shape[axis], axis === separate ? 0 : 1)
  );
  const [newDepth, newHeight, newWidth] = shape;
  const width = from[2];
  const oldPlane = sizeOf(from.slice(1));
  const oldVolume = sizeOf(from);
  // Doubles between the axes, rounded once at the end: nnU-Net interpolates in doubles, too.
  const blended = new Float64Array(oldPlane);
  const row = new Float64Array(width);
  const plane = new Float32Array(newHeight * newWidth);

  for (let k = 0; k < newDepth; k++) {
    for (let head = 0; head < heads; head++) {
      const first = head * oldVolume + z.first[k] * oldPlane;
      const second = head * oldVolume + z.second[k] * oldPlane;
      blend(logits.data, first, z.firstWeight[k], second, z.secondWeight[k], blended);
      for (let j = 0; j < newHeight; j++) {
        const above = y.first[j] * width;
        blend(blended, above, y.firstWeight[j], y.second[j] * width, y.secondWeight[j], row);
        const start = j * newWidth;
        for (let i = 0; i < newWidth; i++) {
          plane[start + i] = x.firstWeight[i] * row[x.first[i]] +
            x.secondWeight[i] * row[x.second[i]];
        }
      }
      visit(k, head, plane);
    }
  }
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
