/** Converts kernels to the forms that convolutions on blocked channels require. */

import { sizeOf } from "../../array/nd_array.ts";
import type { Value } from "../../graph/graph.ts";
import * as o from "../../graph/operators.ts";
import { type AxisWinograd, matrix } from "./axis_winograd.ts";
import type { BlockedLayout } from "./layout.ts";
import { blockChannels } from "./operators.ts";

/**
 * Arranges a kernel's filters in channel blocks: (filters / block, c, z, y · x, block), with
 * filters padded to whole blocks.
 *
 * @param w (filters, c, z, y, x)
 * @param wholeChannels Number of channels to pad c to.
 */
function filterBlocks(w: Value, wholeChannels: number, layout: BlockedLayout): Value {
  const [filters, channels, kz, ky, kx] = w.shape;
  const taps = kz * ky * kx;
  const wholeFilters = layout.filledUp(filters);
  const whole = o.pad(
    o.reshape(w, [1, filters, channels, taps]),
    [0, 0, 0, 0],
    [0, wholeFilters - filters, wholeChannels - channels, 0],
  );
  const { channelBlock } = layout;
  return o.reshape(blockChannels(whole), [
    wholeFilters / channelBlock,
    wholeChannels,
    kz,
    ky * kx,
    channelBlock,
  ]);
}

/**
 * Converts a kernel (filters, c, z, y, x) to the form that the blocked convolution requires, with
 * the planes along depth as channels: (filters, z · c, y, x), filters and c padded to whole blocks.
 *
 * @param isUnblocked Whether the image is not blocked; then c is not padded.
 */
export function blockedKernel(w: Value, layout: BlockedLayout, isUnblocked = false): Value {
  const { channelBlock } = layout;
  const [filters, channels, kz, ky, kx] = w.shape;
  const wholeChannels = isUnblocked ? channels : layout.filledUp(channels);
  const blocks = filterBlocks(w, wholeChannels, layout);
  // The rest only moves whole blocks.
  const moved = isUnblocked ? o.transpose(blocks, [0, 2, 1, 3, 4]) : o.transpose(
    o.reshape(blocks, [
      blocks.shape[0],
      wholeChannels / channelBlock,
      channelBlock,
      kz,
      ky * kx,
      channelBlock,
    ]),
    [0, 3, 1, 4, 2, 5],
  );
  return o.reshape(moved, [layout.filledUp(filters), kz * wholeChannels, ky, kx]);
}

/**
 * Computes Winograd's mixes of a kernel (filters, c, z, y, x), one group per mix and sample:
 * (mixes · n · filters, c, y, x), filters and c padded to whole blocks.
 */
export function mixedKernels(
  w: Value,
  { products, tapShare }: AxisWinograd,
  batch: number,
  layout: BlockedLayout,
): Value {
  const { channelBlock } = layout;
  const [filters, channels, kz, ky, kx] = w.shape;
  const wholeChannels = layout.filledUp(channels);
  const blocks = filterBlocks(w, wholeChannels, layout);
  const byTap = o.transpose(
    o.reshape(blocks, [
      blocks.shape[0],
      wholeChannels / channelBlock,
      channelBlock,
      kz,
      ky * kx,
      channelBlock,
    ]),
    [3, 0, 1, 4, 2, 5],
  );
  const mix = matrix(
    w.graph,
    products * batch,
    kz,
    (row, tap) => tapShare(Math.floor(row / batch), tap),
  );
  const mixed = o.matmul(mix, o.reshape(byTap, [kz, sizeOf(byTap.shape) / kz]));
  return o.reshape(mixed, [products * batch * layout.filledUp(filters), wholeChannels, ky, kx]);
}
