/**
 * Computes a convolution's weight gradient as matrix products of bricks of voxels (`../bricks.ts`).
 *
 * dw at a tap is dy · xᵀ over all voxels, with x shifted by the tap: 27 products of two thin
 * matrices, and a copy of the image for each. With bricks of 2×2×2 voxels as channels, image and
 * gradient are an eighth as long and eight times as wide, and shifts by 0 and 1 brick along each
 * axis reach all taps: 8 copies and 8 products, with 64 / 27 of the arithmetic, of matrices wide
 * enough for a GPU's matrix units.
 */

import { type Shape, sizeOf } from "../../array/nd_array.ts";
import { type Attributes, convolutionAttributes } from "../../graph/attributes.ts";
import type { Value } from "../../graph/graph.ts";
import * as o from "../../graph/operators.ts";
import { positionIndex, positions } from "../positions.ts";

/** How one axis is divided into bricks. */
interface Axis {
  /** Extents of the image's and of the gradient's bricks. */
  readonly image: number;
  readonly gradient: number;
  /** Number of the gradient's bricks. */
  readonly bricks: number;
  /** Number of shifts, in bricks, that reach all taps. */
  readonly shifts: number;
  /** Returns the position in the image that a position in the gradient's brick reaches by a tap. */
  readonly reach: (position: number, tap: number) => number;
}

/**
 * Computes dw of `Conv(x, w)` with one group.
 *
 * @param x (n, c, …size)
 * @param dy (n, filters, …output)
 * @param shape Shape of the weight, (filters, c, …kernel)
 * @param attributes Attributes of the convolution
 */
export function brickProducts(
  x: Value,
  dy: Value,
  shape: Shape,
  attributes: Attributes,
): Value {
  const [filters, channels, ...kernel] = shape;
  const [batch, , ...output] = dy.shape;
  const { strides, dilations, pads } = convolutionAttributes(attributes, kernel.length);
  const axes = kernel.map((extent, i) => cutAxis(extent, strides[i], dilations[i], output[i]));
  const columns = batch * sizeOf(axes.map(({ bricks }) => bricks));
  const flat = (value: Value) => o.reshape(value, [value.shape[0], columns]);

  const image = bricksAsChannels(
    ending(x, pads, axes.map((axis) => (axis.bricks + axis.shifts - 1) * axis.image)),
    axes.map((axis) => axis.image),
  );
  const gradient = flat(bricksAsChannels(dy, axes.map((axis) => axis.gradient)));
  const products = positions(axes.map(({ shifts }) => shifts)).map((shift) => {
    const shifted = o.slice(
      image,
      axes.map(({ bricks }, i) => ({ axis: i + 2, start: shift[i], end: shift[i] + bricks })),
    );
    return o.cast(o.matmulTransposed(gradient, flat(shifted)), "float32");
  });
  return o.cast(tapsOf(products, axes, filters, channels, kernel), x.type);
}

function cutAxis(kernel: number, stride: number, dilation: number, output: number): Axis {
  const isPaired = kernel > 1 && stride === 1 && output % 2 === 0;
  const gradient = isPaired ? 2 : 1;
  const image = gradient * stride;
  const reach = (position: number, tap: number) => position * stride + tap * dilation;
  return {
    image,
    gradient,
    bricks: output / gradient,
    shifts: Math.floor(reach(gradient - 1, kernel - 1) / image) + 1,
    reach,
  };
}

/** Pads an image, and crops or extends it with zeros to given extents. */
function ending(x: Value, pads: readonly number[], extents: readonly number[]): Value {
  const rank = extents.length;
  const size = x.shape.slice(2);
  const missing = extents.map((extent, i) => extent - pads[i] - size[i]);
  const spare = size.flatMap((n, i) =>
    missing[i] < 0 ? [{ axis: i + 2, start: 0, end: n + missing[i] }] : []
  );
  const kept = spare.length === 0 ? x : o.slice(x, spare);
  return o.pad(
    kept,
    [0, 0, ...pads.slice(0, rank)],
    [0, 0, ...missing.map((n) => Math.max(0, n))],
  );
}

/** (n, c, …bricks · brick) → (brick · c, n, …bricks) */
function bricksAsChannels(x: Value, brick: readonly number[]): Value {
  const [batch, channels, ...size] = x.shape;
  const bricks = size.map((n, i) => n / brick[i]);
  const apart = o.reshape(x, [
    batch,
    channels,
    ...brick.flatMap((extent, i) => [bricks[i], extent]),
  ]);
  const order = [
    ...brick.map((_, i) => 3 + 2 * i),
    1,
    0,
    ...brick.map((_, i) => 2 + 2 * i),
  ];
  return o.reshape(o.transpose(apart, order), [sizeOf(brick) * channels, batch, ...bricks]);
}

/**
 * Adds up the products that belong to each tap.
 *
 * @param products For each shift, (gradient's brick · filters, image's brick · c)
 * @returns (filters, c, …kernel)
 */
function tapsOf(
  products: readonly Value[],
  axes: readonly Axis[],
  filters: number,
  channels: number,
  kernel: Shape,
): Value {
  const gradientBrick = axes.map((axis) => axis.gradient);
  const imageBrick = axes.map((axis) => axis.image);
  const [inGradient, inImage] = [sizeOf(gradientBrick), sizeOf(imageBrick)];
  const all = o.reshape(o.concat(products, 0), [
    products.length,
    inGradient,
    filters,
    inImage,
    channels,
  ]);
  const rows = o.reshape(o.transpose(all, [0, 1, 3, 2, 4]), [-1, filters, channels]);
  const taps = positions(kernel);
  const rowIndices = positions(gradientBrick).flatMap((position, p) =>
    taps.map((tap) => {
      const reached = axes.map((axis, i) => axis.reach(position[i], tap[i]));
      const shift = positionIndex(
        reached.map((at, i) => Math.floor(at / imageBrick[i])),
        axes.map((axis) => axis.shifts),
      );
      const within = positionIndex(reached.map((at, i) => at % imageBrick[i]), imageBrick);
      return (shift * inGradient + p) * inImage + within;
    })
  );
  const chosen = o.reshape(o.gather(rows, rowIndices, 0), [
    inGradient,
    taps.length,
    filters,
    channels,
  ]);
  return o.reshape(o.transpose(o.reduceSum(chosen, [0]), [1, 2, 0]), [
    filters,
    channels,
    ...kernel,
  ]);
}
