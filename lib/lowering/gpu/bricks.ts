/**
 * Blocks of voxels as channels and back, each by one transpose.
 *
 * For processors whose transposes run at the speed of memory; on a CPU `../cpu/interleave.ts` is faster.
 */

import type { Shape } from "../../array/nd_array.ts";
import { sizeOf } from "../../array/nd_array.ts";
import type { Value } from "../../graph/graph.ts";
import * as o from "../../graph/operators.ts";

/**
 * (n, c, …blocks · block) → (n, c, …block, …blocks)
 *
 * @throws {RangeError} If a block does not divide its axis.
 */
export function toBlocks(x: Value, block: Shape): Value {
  const [batch, channels, ...size] = x.shape;
  if (size.some((n, i) => n % block[i] !== 0)) {
    throw new RangeError(`Cannot cut [${size}] into blocks of [${block}]`);
  }
  const apart = size.flatMap((n, i) => [n / block[i], block[i]]);
  const axes = block.map((_, i) => i);
  return o.transpose(o.reshape(x, [batch, channels, ...apart]), [
    0,
    1,
    ...axes.map((i) => 3 + 2 * i),
    ...axes.map((i) => 2 + 2 * i),
  ]);
}

/** (n, …block, c, …blocks) → (n, c, …blocks · block) */
export function fromBlocks(x: Value, block: Shape): Value {
  const rank = block.length;
  const [batch] = x.shape;
  const channels = x.shape[1 + rank];
  const blocks = x.shape.slice(2 + rank);
  const order = block.flatMap((_, i) => [2 + rank + i, 1 + i]);
  return o.reshape(o.transpose(x, [0, 1 + rank, ...order]), [
    batch,
    channels,
    ...blocks.map((n, i) => n * block[i]),
  ]);
}

/**
 * Weaves arrays that each hold every stride-th position into one.
 *
 * @param parts One a residue, last axis fastest, each (n, c, …); at an axis's end some may be one
 * short.
 * @param strides Residues per spatial axis.
 * @param shape Of the result, (n, c, …).
 */
export function weave(parts: readonly Value[], strides: Shape, shape: Shape): Value {
  const [batch, channels, ...extents] = parts[0].shape;
  const equal = parts.map((part) =>
    o.reshape(
      o.pad(part, shape.map(() => 0), part.shape.map((n, axis) => parts[0].shape[axis] - n)),
      [batch, 1, channels, ...extents],
    )
  );
  const stacked = o.reshape(o.concat(equal, 1), [batch, ...strides, channels, ...extents]);
  const woven = fromBlocks(stacked, strides);
  const cuts = shape.flatMap((end, axis) =>
    woven.shape[axis] === end ? [] : [{ axis, start: 0, end }]
  );
  return cuts.length ? o.slice(woven, cuts) : woven;
}

/**
 * `Conv(x, w)` where kernel and stride are the same block: one matrix product.
 *
 * @param w (filters, c, …block)
 */
export function blockConv(x: Value, w: Value, bias?: Value): Value {
  const [batch] = x.shape;
  const [filters, channels, ...block] = w.shape;
  const blocks = x.shape.slice(2).map((n, i) => n / block[i]);
  const columns = o.reshape(sizeOf(block) === 1 ? x : toBlocks(x, block), [
    batch,
    channels * sizeOf(block),
    sizeOf(blocks),
  ]);
  const product = o.matmul(o.reshape(w, [1, filters, channels * sizeOf(block)]), columns);
  const shifted = bias ? o.add(product, o.reshape(bias, [1, filters, 1])) : product;
  return o.reshape(shifted, [batch, filters, ...blocks]);
}

/**
 * `ConvTranspose(x, w)` where kernel and stride are the same block: one matrix product, too.
 *
 * @param w (c, filters, …block)
 */
export function blockTransposedConv(x: Value, w: Value, bias?: Value): Value {
  const [batch, channels, ...size] = x.shape;
  const [, filters, ...block] = w.shape;
  const taps = sizeOf(block);
  // (c, filters, taps) → (taps · filters, c)
  const weights = o.reshape(
    o.transpose(o.reshape(w, [channels, filters, taps]), [2, 1, 0]),
    [1, taps * filters, channels],
  );
  const product = o.matmul(weights, o.reshape(x, [batch, channels, sizeOf(size)]));
  const image = fromBlocks(o.reshape(product, [batch, ...block, filters, ...size]), block);
  return bias ? o.add(image, o.reshape(bias, [1, filters, ...size.map(() => 1)])) : image;
}
