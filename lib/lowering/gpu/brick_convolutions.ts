/**
 * Computes convolutions of bricks of voxels (`../bricks.ts`) by moving a brick's voxels to channels
 * and back with one transpose each.
 *
 * This suits processors whose transposes run at memory speed; on a CPU, `../cpu/interleave.ts` is
 * faster.
 */

import { type Shape, sizeOf } from "../../array/nd_array.ts";
import type { Value } from "../../graph/graph.ts";
import * as o from "../../graph/operators.ts";
import type { Interleave } from "../convolution_gradients.ts";

/**
 * Moves bricks' voxels to separate axes: (n, c, …bricks · brick) → (n, c, …brick, …bricks)
 *
 * @param brick Voxels per axis.
 * @throws {RangeError} If a brick does not divide its axis.
 */
export function toBricks(x: Value, brick: Shape): Value {
  const [batch, channels, ...size] = x.shape;
  if (size.some((n, i) => n % brick[i] !== 0)) {
    throw new RangeError(`Cannot divide [${size}] into bricks of [${brick}]`);
  }
  const apart = size.flatMap((n, i) => [n / brick[i], brick[i]]);
  const axes = brick.map((_, i) => i);
  return o.transpose(o.reshape(x, [batch, channels, ...apart]), [
    0,
    1,
    ...axes.map((i) => 3 + 2 * i),
    ...axes.map((i) => 2 + 2 * i),
  ]);
}

/** Undoes {@link toBricks}: (n, …brick, c, …bricks) → (n, c, …bricks · brick) */
export function fromBricks(x: Value, brick: Shape): Value {
  const rank = brick.length;
  const [batch] = x.shape;
  const channels = x.shape[1 + rank];
  const bricks = x.shape.slice(2 + rank);
  const order = brick.flatMap((_, i) => [2 + rank + i, 1 + i]);
  return o.reshape(o.transpose(x, [0, 1 + rank, ...order]), [
    batch,
    channels,
    ...bricks.map((n, i) => n * brick[i]),
  ]);
}

/** Interleaves arrays that each contain every stride-th position, as voxels of bricks. */
export const interleave: Interleave = (parts, strides, shape) => {
  const [batch, channels, ...extents] = parts[0].shape;
  const equal = parts.map((part) =>
    o.reshape(
      o.pad(part, shape.map(() => 0), part.shape.map((n, axis) => parts[0].shape[axis] - n)),
      [batch, 1, channels, ...extents],
    )
  );
  const stacked = o.reshape(o.concat(equal, 1), [batch, ...strides, channels, ...extents]);
  const woven = fromBricks(stacked, strides);
  const cuts = shape.flatMap((end, axis) =>
    woven.shape[axis] === end ? [] : [{ axis, start: 0, end }]
  );
  return cuts.length ? o.slice(woven, cuts) : woven;
};

/**
 * Computes `Conv(x, w)` with one matrix product if the kernel equals the stride.
 *
 * @param x (n, c, …size)
 * @param w (filters, c, …brick)
 * @param bias (filters)
 */
export function brickConv(x: Value, w: Value, bias?: Value): Value {
  const [batch] = x.shape;
  const [filters, channels, ...brick] = w.shape;
  const bricks = x.shape.slice(2).map((n, i) => n / brick[i]);
  const columns = o.reshape(sizeOf(brick) === 1 ? x : toBricks(x, brick), [
    batch,
    channels * sizeOf(brick),
    sizeOf(bricks),
  ]);
  const product = o.matmul(o.reshape(w, [1, filters, channels * sizeOf(brick)]), columns);
  const shifted = bias ? o.add(product, o.reshape(bias, [1, filters, 1])) : product;
  return o.reshape(shifted, [batch, filters, ...bricks]);
}

/**
 * Computes `ConvTranspose(x, w)` with one matrix product if the kernel equals the stride.
 *
 * @param x (n, c, …size)
 * @param w (c, filters, …brick)
 * @param bias (filters)
 */
export function brickTransposedConv(x: Value, w: Value, bias?: Value): Value {
  const [batch, channels, ...size] = x.shape;
  const [, filters, ...brick] = w.shape;
  const taps = sizeOf(brick);
  // (c, filters, taps) → (taps · filters, c)
  const weights = o.reshape(
    o.transpose(o.reshape(w, [channels, filters, taps]), [2, 1, 0]),
    [1, taps * filters, channels],
  );
  const product = o.matmul(weights, o.reshape(x, [batch, channels, sizeOf(size)]));
  const image = fromBricks(o.reshape(product, [batch, ...brick, filters, ...size]), brick);
  return bias ? o.add(image, o.reshape(bias, [1, filters, ...size.map(() => 1)])) : image;
}
