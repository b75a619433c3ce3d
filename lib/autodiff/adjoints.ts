/** Undoes broadcasts, reductions and slices for the gradient table. */

import { sameShape, type Shape, sizeOf } from "../array/nd_array.ts";
import type { Value } from "../graph/graph.ts";
import * as o from "../graph/operators.ts";

/**
 * Sums a gradient over the axes along which its operand was broadcast.
 *
 * @param dy Gradient of the broadcast operand.
 * @param shape The operand's shape before broadcasting.
 * @param as The result's shape; by default the operand's.
 */
export function sumToShape(dy: Value, shape: Shape, as: Shape = shape): Value {
  if (sameShape(dy.shape, as)) return dy;
  const added = dy.shape.length - shape.length;
  const summed = dy.shape.flatMap((extent, axis) =>
    axis < added || (shape[axis - added] === 1 && extent !== 1) ? [axis] : []
  );
  // Trailing axes first: they are contiguous in memory and reduce fastest.
  const trailing = summed.filter((axis, i) => axis === dy.shape.length - summed.length + i);
  const leading = summed.filter((axis) => !trailing.includes(axis));
  let result = trailing.length ? o.reduceSum(dy, trailing, true) : dy;
  if (leading.length) result = o.reduceSum(result, leading, true);
  return o.reshape(result, as);
}

/** Returns the axes that a reduction ran over. */
function reducedAxes(shape: Shape, axes?: Value): number[] {
  return axes ? Array.from(axes.constant!, Number) : shape.map((_, axis) => axis);
}

/** Returns the number of elements that were reduced to one. */
export function reducedBack(shape: Shape, axes?: Value): number {
  return sizeOf(reducedAxes(shape, axes).map((axis) => shape[axis]));
}

/** Broadcasts the gradient of a reduction to the shape that was reduced. */
export function broadcastBack(dy: Value, shape: Shape, axes?: Value): Value {
  const reduced = reducedAxes(shape, axes);
  const kept = shape.map((extent, axis) => reduced.includes(axis) ? 1 : extent);
  return o.expand(o.reshape(dy, kept), shape);
}

/** Transposes the last two axes. */
export function swapLastAxes(x: Value): Value {
  const rank = x.shape.length;
  return o.transpose(x, [...x.shape.slice(2).keys(), rank - 1, rank - 2]);
}

/**
 * Inserts the gradient of a slice into zeros of the sliced array's shape.
 *
 * @param dy Gradient of the slice.
 * @param shape The shape of the sliced array.
 * @param ranges The slice's constant inputs: starts, ends, axes, steps.
 */
export function slicedBack(dy: Value, shape: Shape, ranges: readonly Value[]): Value {
  const [starts, , axes, steps] = ranges.map((range) => Array.from(range.constant!, Number));
  return axes.reduce((result, axis, i) => {
    const extent = shape[axis];
    const count = result.shape[axis];
    const start = starts[i] < 0 ? starts[i] + extent : Math.min(starts[i], extent - 1);
    if (steps[i] < 0) {
      const flipped = o.slice(result, [{ axis, start: count - 1, step: -1 }]);
      return insertZeros(flipped, axis, start + (count - 1) * steps[i], -steps[i], extent);
    }
    return insertZeros(result, axis, start, steps[i], extent);
  }, dy);
}

/** Moves element i of an axis to `start + i · step` of an axis of `extent`, with zeros elsewhere. */
function insertZeros(x: Value, axis: number, start: number, step: number, extent: number): Value {
  let result = x;
  if (step > 1) {
    const split = [...x.shape.slice(0, axis + 1), 1, ...x.shape.slice(axis + 1)];
    const zeros = split.map((_, i) => i === axis + 1 ? step - 1 : 0);
    const padded = o.pad(o.reshape(x, split), zeros.map(() => 0), zeros);
    const merged = x.shape.map((n, i) => i === axis ? n * step : n);
    // Zeros after the last element may extend past the end and are removed.
    result = o.slice(o.reshape(padded, merged), [
      { axis, start: 0, end: (x.shape[axis] - 1) * step + 1 },
    ]);
  }
  const before = x.shape.map((_, i) => i === axis ? start : 0);
  const after = x.shape.map((_, i) => i === axis ? extent - start - result.shape[axis] : 0);
  return o.pad(result, before, after);
}

/**
 * Spreads the gradient of an average over the voxels of its window; voxels at an axis's end that
 * fill no window get zeros.
 *
 * @param dy (n, c, …windows)
 * @param window Voxels per axis.
 * @param shape (n, c, …spatial)
 */
export function pooledBack(dy: Value, window: Shape, shape: Shape): Value {
  const [batch, channels, ...counts] = dy.shape;
  const single = counts.flatMap((count) => [count, 1]); // (…, z, 1, y, 1, x, 1)
  const filled = counts.flatMap((count, i) => [count, window[i]]);
  const spread = o.reshape(
    o.expand(o.reshape(dy, [batch, channels, ...single]), [batch, channels, ...filled]),
    [batch, channels, ...counts.map((count, i) => count * window[i])],
  );
  return o.pad(spread, shape.map(() => 0), shape.map((extent, i) => extent - spread.shape[i]));
}
