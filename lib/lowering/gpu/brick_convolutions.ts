/**
 * Convolutions of bricks of voxels (`../bricks.ts`), whose voxels become channels and come back by
 * one transpose each.
 *
 * For processors whose transposes run at the speed of memory; on a CPU `../cpu/interleave.ts` is
 * faster.
 */

import { type Shape, sizeOf } from "../../array/nd_array.ts";
import type { Value } from "../../graph/graph.ts";
import * as o from "../../graph/operators.ts";
import type { Interleave } from "../convolution_gradients.ts";

/**
 * Bricks' voxels as axes of their own: (n, c, …bricks · brick) → (n, c, …brick, …bricks)
 *
 * @param brick Voxels per axis.
 * @throws {RangeError} If a brick does not divide its axis.
 */
export function toBricks(x: Value, brick: Shape): Value {
  const [batch, channels, ...size] = x.shape;
  if (size.some((n, i) => n % brick[i] !== 0)) {
    throw new RangeError(`Cannot cut [${size}] into bricks of [${brick}]`);
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

/** The reverse, from (n, …brick, c, …bricks) to (n, c, …bricks · brick). */
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

/** Interleaves arrays that each hold every stride-th position, as voxels of bricks. */
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
 * `Conv(x, w)` where the kernel equals the stride: one matrix product.
 *
 * @param w (filters, c, …brick)
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
 * `ConvTranspose(x, w)` where the kernel equals the stride: one matrix product, too.
 *
 * @param w (c, filters, …brick)
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
