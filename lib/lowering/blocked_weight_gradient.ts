/**
 * Weight gradients of convolutions whose images are in blocks.
 *
 * As in `convolution_gradients.ts` one convolution with dy as its kernel slides over an image with
 * channels innermost. Such a convolution copies its image once a tap; with dy there several times,
 * shifted by one tap of the kernel's outermost axis each, that axis costs no copies of the image,
 * and the products are larger, which suits the processor better.
 */

import { type Shape, sizeOf } from "../array/nd_array.ts";
import type { Value } from "../graph/graph.ts";
import * as o from "../graph/operators.ts";
import { type Geometry, isTiling } from "./blocked_convolution.ts";
import { type BlockedLayout, extentsOf, planesOf, spaceToChannels } from "./blocked_layout.ts";
import { unblockChannels } from "./blocked_operators.ts";

/**
 * dw of `Conv(x, w)`.
 *
 * @param x The image
 * @param dy Gradient of the result
 * @param shape The weight's, (filters, c, …kernel)
 */
export function blockedWeightGradient(
  x: Value,
  dy: Value,
  shape: Shape,
  geometry: Geometry,
  layout: BlockedLayout,
): Value {
  const extents = extentsOf(x.shape);
  const [filters, channels] = shape;
  if (isTiling(geometry, x.shape) && layout.fills(channels)) {
    // Tiles as channels make it the gradient of a 1×1 convolution.
    const tile = geometry.kernel;
    const tiles = spaceToChannels(layout.of(x), extents, tile, layout.block);
    const dw = planesWeightGradient(
      channelsLast(tiles, layout),
      { batch: extents.batch, depth: extents.depth / tile[0], plane: tiles.shape.slice(2) },
      gradientPlanes(dy, layout),
      { kernel: [1, 1, 1], strides: [1, 1, 1], before: [0, 0, 0], after: [0, 0, 0] },
    );
    const apart = o.reshape(dw, [filters, sizeOf(tile), channels]);
    return o.reshape(o.transpose(apart, [0, 2, 1]), shape);
  }
  const image = layout.fills(channels)
    ? channelsLast(layout.of(x), layout)
    : o.transpose(planesOf(x), [0, 2, 3, 1]);
  const dw = planesWeightGradient(image, extents, gradientPlanes(dy, layout), geometry);
  return o.reshape(dw, shape);
}

/** Blocked (z · n, c, y, x) → (z · n, y, x, c) */
function channelsLast(blocked: Value, { block }: BlockedLayout): Value {
  const [count, channels, y, x] = blocked.shape;
  const apart = o.reshape(blocked, [count, channels / block, y * x, block]);
  return o.reshape(o.transpose(apart, [0, 2, 1, 3]), [count, y, x, channels]);
}

/** Gradients with filters outermost: (filters, z · n, y, x) */
function gradientPlanes(dy: Value, layout: BlockedLayout): Value {
  const planes = layout.has(dy) ? unblockChannels(layout.of(dy), dy.shape[1]) : planesOf(dy);
  return o.transpose(planes, [1, 0, 2, 3]);
}

/**
 * (filters, c, z · y · x), the gradient of the weights.
 *
 * @param image (z · n, y, x, c)
 * @param dy (filters, z · n, y, x)
 */
function planesWeightGradient(
  image: Value,
  { batch, depth, plane: [height, width] }: {
    readonly batch: number;
    readonly depth: number;
    readonly plane: readonly number[];
  },
  dy: Value,
  { kernel: [kz, ky, kx], strides, before }: Geometry,
): Value {
  const channels = image.shape[3];
  const [filters, count, y, x] = dy.shape;
  const places = count / batch;
  const wide = (planes: Value, kernel: Value, rows: number, margin: number) => {
    // Rows and columns on which the kernel's last tap reaches; one column is `channels` steps.
    const below = rows - 1 + (kernel.shape[2] - 1) * strides[1] + 1 - height - margin;
    const right = kx - 1 + (x - 1) * strides[2] + 1 - width - before[2];
    const cut = [
      ...below < 0 ? [{ axis: 2, start: 0, end: height + below }] : [],
      ...right < 0 ? [{ axis: 3, start: 0, end: (width + right) * channels }] : [],
    ];
    return o.conv(cut.length ? o.slice(planes, cut) : planes, kernel, null, {
      dilations: [strides[1], strides[2] * channels],
      pads: [margin, before[2] * channels, Math.max(0, below), Math.max(0, right) * channels],
    });
  };
  const asImage = (planes: Value, images: number) =>
    o.reshape(planes, [images, planes.shape[0] / images, height, width * channels]);

  if (kz > 1 && strides[0] > 1) {
    // The planes that each tap along depth meets, one tap after another.
    const indices = Array.from({ length: kz * count }, (_, i) => {
      const [tap, place, sample] = [
        Math.floor(i / count),
        Math.floor(i % count / batch),
        i % batch,
      ];
      const z = place * strides[0] + tap - before[0];
      return z >= 0 && z < depth ? z * batch + sample : depth * batch;
    });
    const met = gatherOrZero(image, indices, 0);
    const found = wide(asImage(met, kz), dy, ky, before[1]); // (kz, filters, ky, kx · c)
    const ordered = o.transpose(o.reshape(found, [kz, filters, ky * kx, channels]), [1, 3, 0, 2]);
    return o.reshape(ordered, [filters, channels, kz * ky * kx]);
  }
  if (kz > 1) {
    const indices = Array.from({ length: kz * depth * batch }, (_, i) => {
      const [tap, z, sample] = [
        Math.floor(i / (depth * batch)),
        Math.floor(i / batch) % depth,
        i % batch,
      ];
      const place = z - tap + before[0];
      return place >= 0 && place < places ? place * batch + sample : count;
    });
    const shifted = gatherOrZero(dy, indices, 1);
    const stacked = o.reshape(shifted, [filters * kz, depth * batch, y, x]);
    return inOrder(wide(asImage(image, 1), stacked, ky, before[1]));
  }
  if (ky > 1 && strides[1] === 1 && places === depth) {
    const indices = Array.from({ length: ky * count * height }, (_, i) => {
      const [tap, slice, row] = [
        Math.floor(i / (count * height)),
        Math.floor(i / height) % count,
        i % height,
      ];
      const place = row - tap + before[1];
      return place >= 0 && place < y ? slice * y + place : count * y;
    });
    const rows = gatherOrZero(o.reshape(dy, [filters, count * y, x]), indices, 1);
    const stacked = o.reshape(rows, [filters * ky, count, height, x]);
    return inOrder(wide(asImage(image, 1), stacked, 1, 0));
  }
  return inOrder(wide(asImage(image, 1), dy, ky, before[1]));

  /** (1, filters · outer taps, …, inner taps · c) → (filters, c, taps) */
  function inOrder(found: Value): Value {
    return o.transpose(o.reshape(found, [filters, kz * ky * kx, channels]), [0, 2, 1]);
  }
}

/** Entries along an axis by number; the number past the last one stands for zeros. */
function gatherOrZero(x: Value, indices: readonly number[], axis: number): Value {
  const margin = x.shape.map((_, i) => i === axis ? 1 : 0);
  const source = indices.includes(x.shape[axis]) ? o.pad(x, x.shape.map(() => 0), margin) : x;
  return o.gather(source, indices, axis);
}
