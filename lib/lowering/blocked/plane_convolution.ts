/**
 * Convolves stacks of planes.
 *
 * The planes that each result depends on are concatenated as channels (a copy) or mixed along depth
 * for Winograd (a matrix product); the rest is a 2D convolution.
 */

import { sizeOf } from "../../array/nd_array.ts";
import type { Value } from "../../graph/graph.ts";
import * as o from "../../graph/operators.ts";
import { type AxisWinograd, matrix, UNIT_PRODUCT } from "./axis_winograd.ts";
import type { ConvolutionGeometry } from "./convolution_geometry.ts";
import { blockedKernel, mixedKernels } from "./kernel.ts";
import { type BlockedLayout, neighbouringPlanes } from "./layout.ts";
import { blockedConv } from "./operators.ts";
import { depthWinograd } from "./winograd_choice.ts";

/** A stack of planes, blocked or not. */
export interface Stack {
  /** (z · n, c, y, x) */
  readonly image: Value;
  readonly isUnblocked?: boolean;
  readonly batch: number;
  readonly depth: number;
}

/**
 * Convolves a stack of planes.
 *
 * @param stack The stack.
 * @param w (filters, c, z, y, x)
 * @param bias (filters), padded to whole blocks
 */
export function planeConvolution(
  stack: Stack,
  w: Value,
  bias: Value | undefined,
  geometry: ConvolutionGeometry,
  layout: BlockedLayout,
): Value {
  const { image, isUnblocked, batch, depth } = stack;
  const { kernel: [kz], strides, before, after } = geometry;
  const places = Math.floor((depth + before[0] + after[0] - kz) / strides[0]) + 1;
  const [filters, channels] = w.shape;
  const size = { batch, depth, places, plane: image.shape.slice(2) };
  const winograd = isUnblocked ? undefined : depthWinograd(filters, channels, size, geometry);
  if (winograd) return mixedPlaneConvolution(stack, w, bias, geometry, places, winograd, layout);
  const planes = neighbouringPlanes(image, {
    batch,
    depth,
    places,
    taps: kz,
    stride: strides[0],
    before: before[0],
  });
  return blockedConv(planes, blockedKernel(w, layout, isUnblocked), {
    bias,
    strides: strides.slice(1),
    pads: [...before.slice(1), ...after.slice(1)],
  });
}

/** Convolves with Winograd's mixes of planes along depth; a tile's products are groups. */
function mixedPlaneConvolution(
  { image, batch, depth }: Stack,
  w: Value,
  bias: Value | undefined,
  { strides, before, after }: ConvolutionGeometry,
  places: number,
  winograd: AxisWinograd,
  layout: BlockedLayout,
): Value {
  const { graph } = image;
  const { tiles, products } = winograd;
  const groups = products * batch;
  const [, channels, ...plane] = image.shape;
  const imageMix = matrix(
    graph,
    tiles * products,
    depth,
    (row, z) => winograd.imageShare(Math.floor(row / products), row % products, z, before[0]),
  );
  const mixed = o.matmul(imageMix, o.reshape(image, [depth, sizeOf(image.shape) / depth]));
  const found = blockedConv(
    o.reshape(mixed, [tiles, groups * channels, ...plane]),
    mixedKernels(w, winograd, batch, layout),
    {
      bias: bias && mixedBias(bias, products, batch),
      strides: strides.slice(1),
      pads: [...before.slice(1), ...after.slice(1)],
      group: groups,
    },
  );
  const placeMix = matrix(
    graph,
    places,
    tiles * products,
    (z, row) => winograd.placeShare(z, Math.floor(row / products), row % products),
  );
  const [, filters, y, x] = found.shape;
  const rows = o.reshape(found, [tiles * products, sizeOf(found.shape) / tiles / products]);
  return o.reshape(o.matmul(placeMix, rows), [places * batch, filters / groups, y, x]);
}

/** Returns a bias for the product that all outputs contain, and zeros for the others. */
function mixedBias(bias: Value, products: number, batch: number): Value {
  const [filters] = bias.shape;
  const of = (product: number) => product === UNIT_PRODUCT ? bias : o.mul(bias, 0);
  const rows = Array.from({ length: products }, (_, i) => o.expand(of(i), [batch, filters]));
  return o.reshape(o.concat(rows, 0), [products * batch * filters]);
}
