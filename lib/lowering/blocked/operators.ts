/**
 * Defines ONNX Runtime's operators on blocked channels, with which its CPU provider convolves about
 * twice as fast.
 *
 * A channel block is as many channels as one vector register holds, 8 or 16 (`channel_block.ts`). A
 * blocked array of shape (n, c, y, x) is stored as (n, c / block, y, x, block). ONNX Runtime itself
 * uses these operators in 2D networks with constant weights; added to a graph explicitly, they also
 * serve 3D networks and training.
 *
 * @see microsoft/onnxruntime onnxruntime/contrib_ops/cpu/nchwc_ops.cc
 */

import type { Attributes } from "../../graph/attributes.ts";
import type { Value } from "../../graph/graph.ts";
import type { ConvolutionOptions } from "../../graph/operators.ts";

const domain = "com.microsoft.nchwc";

/** Blocks the channels of (n, c, y, x), c a multiple of the channel block. */
export function blockChannels(x: Value): Value {
  return x.graph.add(`${domain}:ReorderInput`, [x])[0];
}

/** Unblocks channels to (n, channels, y, x), dropping any further channels. */
export function unblockChannels(x: Value, channels: number): Value {
  return x.graph.add(`${domain}:ReorderOutput`, [x], { channels })[0];
}

/** Averages over planes: (n, c, 1, 1), for which blocked and plain channels are the same. */
export function planeMeans(x: Value): Value {
  return x.graph.add(`${domain}:GlobalAveragePool`, [x])[0];
}

/** A function applied to each result of a convolution. */
export type Activation =
  | { readonly leakyRelu: number }
  | { readonly clip: readonly [lo: number, hi: number] };

/** A convolution's geometry, and what a blocked convolution computes in the same pass. */
export interface BlockedConvOptions extends ConvolutionOptions {
  /** (filters) */
  readonly bias?: Value;
  /** An array of the result's shape, blocked, to add to it. */
  readonly sum?: Value;
  readonly activation?: Activation;
}

/**
 * Convolves blocked channels.
 *
 * The kernel has shape (filters, c / group, y, x), filters a multiple of the channel block, and one
 * of three memory layouts. If c is at least the block: (filters / block, c / block, y, x, block of
 * c, block of filters). If c is less, and the image is not blocked: (filters / block, c, y, x,
 * block). With as many groups as channels: (filters / block, y, x, block).
 */
export function blockedConv(
  x: Value,
  w: Value,
  { bias, sum, activation, ...geometry }: BlockedConvOptions = {},
): Value {
  const inputs = sum ? [x, w, bias ?? null, sum] : bias ? [x, w, bias] : [x, w];
  return x.graph.add(`${domain}:Conv`, inputs, {
    kernel_shape: w.shape.slice(2),
    ...geometry as Attributes,
    ...activation && activationAttributes(activation),
  })[0];
}

function activationAttributes(activation: Activation): Attributes {
  return "clip" in activation
    ? { activation: "Clip", activation_params: activation.clip }
    : { activation: "LeakyRelu", activation_params: [activation.leakyRelu] };
}
