/**
 * Computes weight gradients of convolutions on blocked channels.
 *
 * As in `../convolution_gradients.ts`, one convolution with dy as its kernel slides over an image
 * with channels innermost, but here it is a blocked one. A gradient's blocked form has the memory
 * layout of a grouped convolution's kernel with one group per plane, and such a convolution reads
 * images of few channels in place, without copying them for every tap. The planes' results are then
 * added.
 *
 * Taps along depth are images whose planes are shifted or, with Winograd (`axis_winograd.ts`),
 * mixes of planes.
 */

import { type Shape, sizeOf } from "../../array/nd_array.ts";
import type { Value } from "../../graph/graph.ts";
import * as o from "../../graph/operators.ts";
import { type AxisWinograd, axisWinograd, matrix, TAPS } from "./axis_winograd.ts";
import type { ConvolutionGeometry } from "./convolution_geometry.ts";
import { type BlockedLayout, extentsOf, planesOf } from "./layout.ts";
import { blockedConv, unblockChannels } from "./operators.ts";

/**
 * Computes dw of `Conv(x, w)`.
 *
 * @param x The image
 * @param dy Gradient of the result
 * @param shape Shape of the weight, (filters, c, …kernel)
 */
export function blockedWeightGradient(
  x: Value,
  dy: Value,
  shape: Shape,
  geometry: ConvolutionGeometry,
  layout: BlockedLayout,
): Value {
  const extents = extentsOf(x.shape);
  const [filters, channels] = shape;
  const gradient = { dy: layout.of(dy), filters };
  const image = layout.fills(channels)
    ? channelsLast(layout.of(x), layout)
    : o.transpose(planesOf(x), [0, 2, 3, 1]);
  const dw = planesWeightGradient({ image, ...extents }, gradient, geometry, layout);
  return o.reshape(dw, shape);
}

/** Blocked (z · n, c, y, x) → (z · n, y, x, c) */
function channelsLast(blocked: Value, { channelBlock }: BlockedLayout): Value {
  const [count, channels, y, x] = blocked.shape;
  const apart = o.reshape(blocked, [count, channels / channelBlock, y * x, channelBlock]);
  return o.reshape(o.transpose(apart, [0, 2, 1, 3]), [count, y, x, channels]);
}

/** An image (z · n, y, x, c) as a stack of planes. */
interface Stack {
  readonly image: Value;
  readonly batch: number;
  readonly depth: number;
}

/** The gradient of the convolution's result. */
interface Gradient {
  /** The gradient, blocked. */
  readonly dy: Value;
  /** Number of filters, without those that pad the last channel block. */
  readonly filters: number;
}

/** Computes the gradient of the weights, (filters, c, z · y · x). */
function planesWeightGradient(
  { image, ...stack }: Stack,
  { dy, filters }: Gradient,
  geometry: ConvolutionGeometry,
  { channelBlock }: BlockedLayout,
): Value {
  const { kernel: [kz, ky, kx], strides: [stride] } = geometry;
  const channels = image.shape[3];
  const winograd = kz === TAPS && stride === 1
    ? axisWinograd(dy.shape[0] / stack.batch)
    : undefined;
  const fitted = { image: withMargins(image, dy.shape.slice(2), geometry), ...stack };
  const found = winograd
    ? mixedPlanes(fitted, dy, geometry, winograd, channelBlock)
    : shiftedPlanes(fitted, dy, geometry, channelBlock);
  const [mixes] = found.shape;
  const taps = ky * kx;
  // (mixes, filters, y, x · c) → (filters, mixes · taps in plane, c)
  const planar = o.reshape(unblockChannels(found, filters), [mixes, filters, taps * channels]);
  const apart = o.reshape(o.transpose(planar, [1, 0, 2]), [filters, mixes * taps, channels]);
  const channelsFirst = o.transpose(apart, [0, 2, 1]);
  if (mixes * taps === 1) return channelsFirst;
  // ONNX Runtime transposes faster within a matrix product, even with the identity, than
  // separately.
  const ordered = matrix(dy.graph, mixes * taps, kz * taps, (row, column) => {
    const [mix, tap] = [Math.floor(row / taps), Math.floor(column / taps)];
    if (row % taps !== column % taps) return 0;
    return winograd ? winograd.tapShare(mix, tap) : Number(mix === tap);
  });
  return o.matmul(channelsFirst, ordered);
}

/** Pads along x and crops what no tap reaches: (z · n, y, x, c) → (z · n, y, x, c). */
function withMargins(
  image: Value,
  [y, x]: Shape,
  { kernel: [, ky, kx], strides, before }: ConvolutionGeometry,
): Value {
  const [count, height, width, channels] = image.shape;
  const below = ky - 1 + (y - 1) * strides[1] + 1 - height - before[1];
  const right = kx - 1 + (x - 1) * strides[2] + 1 - width - before[2];
  const cut = [
    ...below < 0 ? [{ axis: 1, start: 0, end: height + below }] : [],
    ...right < 0 ? [{ axis: 2, start: 0, end: width + right }] : [],
  ];
  const kept = cut.length ? o.slice(image, cut) : image;
  // The blocked convolution is slow where it needs padding along rows, but not along columns.
  const rows = o.reshape(kept, [count, kept.shape[1], kept.shape[2] * channels]);
  const padded = o.pad(rows, [0, 0, before[2] * channels], [0, 0, Math.max(0, right) * channels]);
  return o.reshape(padded, [count, kept.shape[1], padded.shape[2] / channels, channels]);
}

/**
 * Computes the parts of the gradient that come from groups of planes.
 *
 * @param image (images · planes, y, x, c)
 * @param dy (planes, filters, y, x), blocked
 * @param together Planes per group.
 * @returns (images, groups, filters · ky · kx · c), filters blocked
 */
function correlate(
  image: Value,
  dy: Value,
  { kernel: [, ky], strides, before }: ConvolutionGeometry,
  together: number,
  channelBlock: number,
): Value {
  const [all, height, width, channels] = image.shape;
  const [planes, filters, y, x] = dy.shape;
  const [images, groups] = [all / planes, planes / together];
  const below = ky - 1 + (y - 1) * strides[1] + 1 - height - before[1];
  // Stored as (groups, filters / block, planes per group, y, x, block of filters).
  const kernel = together === 1 ? dy : o.transpose(
    o.reshape(dy, [groups, together, filters / channelBlock, y * x * channelBlock]),
    [0, 2, 1, 3],
  );
  const found = blockedConv(
    o.reshape(image, [images, planes, height, width * channels]),
    o.reshape(kernel, [groups * filters, together, y, x]),
    {
      group: groups,
      // One step along x is `channels` entries.
      dilations: [strides[1], strides[2] * channels],
      pads: [before[1], 0, below, 0],
    },
  );
  return o.reshape(found, [images, groups, sizeOf(found.shape) / images / groups]);
}

/**
 * Chooses the number of planes per group. More planes per group leave fewer results to add, but
 * with more than one the gradient must be copied, which only pays if planes are small compared to
 * the kernel.
 *
 * @param planes Number of planes to divide into groups.
 * @param gradient Shape of a plane of dy.
 * @param taps The kernel's in-plane taps, times channels.
 */
function planesTogether(
  planes: number,
  gradient: Shape,
  taps: number,
  channelBlock: number,
): number {
  const possible = Array.from({ length: channelBlock - 1 }, (_, i) => i + 1)
    .filter((together) => planes % together === 0);
  return possible.find((together) => together * sizeOf(gradient) >= taps) ?? possible.at(-1)!;
}

/** Whether a blocked convolution accepts a number of planes as groups of one channel. */
function canBeGroups(planes: number, channelBlock: number): boolean {
  return planes < channelBlock || planes % channelBlock === 0;
}

/**
 * Computes the gradient at each tap along depth from images whose planes are shifted by it.
 *
 * @returns (kz, filters, ky, kx · c), blocked
 */
function shiftedPlanes(
  { image, batch, depth }: Stack,
  dy: Value,
  geometry: ConvolutionGeometry,
  channelBlock: number,
): Value {
  const { kernel: [kz, ky, kx], strides: [stride], before: [front] } = geometry;
  const [count, filters, ...plane] = dy.shape;
  const first = canBeGroups(count, channelBlock) ? count : count - count % channelBlock;
  const ranges = [[0, first], [first, count]].filter(([start, end]) => start < end);
  const sums = ranges.map(([start, end]) => {
    const planes = Array.from({ length: kz * (end - start) }, (_, i) => {
      const [tap, place] = [Math.floor(i / (end - start)), start + i % (end - start)];
      const z = Math.floor(place / batch) * stride + tap - front;
      return z >= 0 && z < depth ? z * batch + place % batch : depth * batch;
    });
    const part = ranges.length > 1 ? o.slice(dy, [{ axis: 0, start, end }]) : dy;
    const together = planesTogether(end - start, plane, ky * kx * image.shape[3], channelBlock);
    const found = correlate(planesByNumber(image, planes), part, geometry, together, channelBlock);
    return o.reduceSum(found, [1]);
  });
  return o.reshape(o.sum(sums), [kz, filters, ky, kx * image.shape[3]]);
}

/**
 * Computes the gradient at each of Winograd's mixes of the taps along depth from mixes of planes.
 *
 * @returns (mixes, filters, ky, kx · c), blocked
 */
function mixedPlanes(
  { image, batch }: Stack,
  dy: Value,
  geometry: ConvolutionGeometry,
  winograd: AxisWinograd,
  channelBlock: number,
): Value {
  const { kernel: [, ky, kx], before: [front] } = geometry;
  const [, filters, ...plane] = dy.shape;
  const { tiles, products } = winograd;
  const rows = products * tiles;
  const together = planesTogether(tiles * batch, plane, ky * kx * image.shape[3], channelBlock);
  // Rows of zeros are added until the planes can be groups.
  let whole = rows;
  while (!canBeGroups(whole * batch, channelBlock) || whole * batch % together !== 0) whole++;
  const mixed = (planes: Value, share: (tile: number, product: number, z: number) => number) => {
    const [all, ...rest] = planes.shape;
    const depth = all / batch;
    const mix = matrix(
      dy.graph,
      whole,
      depth,
      (row, z) => row < rows ? share(row % tiles, Math.floor(row / tiles), z) : 0,
    );
    const product = o.matmul(mix, o.reshape(planes, [depth, batch * sizeOf(rest)]));
    return o.reshape(product, [whole * batch, ...rest]);
  };
  const found = correlate(
    mixed(image, (tile, product, z) => winograd.imageShare(tile, product, z, front)),
    mixed(dy, (tile, product, z) => winograd.placeShare(z, tile, product)),
    geometry,
    together,
    channelBlock,
  );
  const groups = rows * batch / together;
  const used = whole > rows ? o.slice(found, [{ axis: 1, start: 0, end: groups }]) : found;
  const byMix = o.reshape(used, [products, groups / products, found.shape[2]]);
  return o.reshape(o.reduceSum(byMix, [1]), [products, filters, ky, kx * image.shape[3]]);
}

/** Selects planes by index; one past the last index selects zeros. */
function planesByNumber(image: Value, numbers: readonly number[]): Value {
  const [count] = image.shape;
  if (numbers.length === count && numbers.every((number, i) => number === i)) return image;
  const padded = numbers.includes(count) ? o.pad(image, [0, 0, 0, 0], [1, 0, 0, 0]) : image;
  return o.gather(padded, numbers, 0);
}
