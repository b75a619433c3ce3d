/**
 * Convolutions of stacks of planes.
 *
 * The planes on which each result depends are put side by side as channels, a copy, or mixed along
 * depth for Winograd, a matrix product; what is left is a convolution in plane.
 */

import { sizeOf } from "../array/nd_array.ts";
import type { Value } from "../graph/graph.ts";
import * as o from "../graph/operators.ts";
import {
  imageShare,
  matrix,
  placeShare,
  PRODUCTS,
  tilesOf,
  UNIT_PRODUCT,
} from "./axis_winograd.ts";
import { blockedKernel, mixedKernels } from "./blocked_kernel.ts";
import { type BlockedLayout, neighbouringPlanes } from "./blocked_layout.ts";
import { blockedConv } from "./blocked_operators.ts";
import { winogradPays } from "./convolution_choice.ts";
import type { Geometry } from "./convolution_geometry.ts";

/** A stack of planes, blocked or not. */
export interface Stack {
  /** (z · n, c, y, x) */
  readonly image: Value;
  readonly isUnblocked?: boolean;
  readonly batch: number;
  readonly depth: number;
}

/**
 * The convolution of a stack of planes.
 *
 * @param w (filters, c, z, y, x)
 * @param bias (filters filled up to whole blocks)
 */
export function planeConvolution(
  stack: Stack,
  w: Value,
  bias: Value | undefined,
  geometry: Geometry,
  layout: BlockedLayout,
): Value {
  const { image, isUnblocked, batch, depth } = stack;
  const { kernel: [kz], strides, before, after } = geometry;
  const places = Math.floor((depth + before[0] + after[0] - kz) / strides[0]) + 1;
  const [filters, channels] = w.shape;
  const size = { batch, depth, places, plane: image.shape.slice(2) };
  if (!isUnblocked && winogradPays(filters, channels, size, geometry)) {
    return mixedPlaneConvolution(stack, w, bias, geometry, places, layout);
  }
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

/** The same with Winograd's mixes of planes along depth: a tile's products are groups. */
function mixedPlaneConvolution(
  { image, batch, depth }: Stack,
  w: Value,
  bias: Value | undefined,
  { strides, before, after }: Geometry,
  places: number,
  layout: BlockedLayout,
): Value {
  const { graph } = image;
  const tiles = tilesOf(places);
  const products = PRODUCTS * tiles;
  const [, channels, ...plane] = image.shape;
  const imageMix = matrix(
    graph,
    products,
    depth,
    (row, z) => imageShare(Math.floor(row / PRODUCTS), row % PRODUCTS, z, before[0]),
  );
  const mixed = o.matmul(imageMix, o.reshape(image, [depth, sizeOf(image.shape) / depth]));
  const found = blockedConv(
    o.reshape(mixed, [tiles, PRODUCTS * batch * channels, ...plane]),
    mixedKernels(w, batch, layout),
    {
      // One product reaches all places of its tile; the others have no bias.
      bias: bias && o.reshape(
        o.concat(
          Array.from(
            { length: PRODUCTS },
            (_, i) => o.expand(i === UNIT_PRODUCT ? bias : o.mul(bias, 0), [batch, bias.shape[0]]),
          ),
          0,
        ),
        [PRODUCTS * batch * bias.shape[0]],
      ),
      strides: strides.slice(1),
      pads: [...before.slice(1), ...after.slice(1)],
      group: PRODUCTS * batch,
    },
  );
  const placeMix = matrix(
    graph,
    places,
    products,
    (z, column) => placeShare(z, Math.floor(column / PRODUCTS), column % PRODUCTS),
  );
  const [, filters, y, x] = found.shape;
  const result = o.matmul(placeMix, o.reshape(found, [products, sizeOf(found.shape) / products]));
  return o.reshape(result, [places * batch, filters / (PRODUCTS * batch), y, x]);
}
