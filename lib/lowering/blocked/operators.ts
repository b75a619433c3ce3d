/**
 * ONNX Runtime's own operators on blocked channels, under which its CPU provider convolves about
 * twice as fast.
 *
 * A channel block is as many channels as one vector register holds, 8 or 16 (`channel_block.ts`). A
 * blocked array of shape (n, c, y, x) lies in memory as (n, c / block, y, x, block). ONNX Runtime puts
 * such operators into 2D networks with constant weights; written by hand they also serve 3D networks
 * and training.
 *
 * @see microsoft/onnxruntime onnxruntime/contrib_ops/cpu/nchwc_ops.cc
 */

import type { Attributes } from "../../graph/attributes.ts";
import type { Value } from "../../graph/graph.ts";
import type { ConvolutionOptions } from "../../graph/operators.ts";

const domain = "com.microsoft.nchwc";

/** (n, c, y, x) to blocked channels, c a multiple of the channel block. */
export function blockChannels(x: Value): Value {
  return x.graph.add(`${domain}:ReorderInput`, [x])[0];
}

/** Blocked channels to (n, channels, y, x), leaving out any channels beyond. */
export function unblockChannels(x: Value, channels: number): Value {
  return x.graph.add(`${domain}:ReorderOutput`, [x], { channels })[0];
}

/** Means over the plane, (n, c, 1, 1), where blocked and plain channels are the same. */
export function planeMeans(x: Value): Value {
  return x.graph.add(`${domain}:GlobalAveragePool`, [x])[0];
}

/** What is done with each result of a convolution. */
export type Activation =
  | { readonly leakyRelu: number }
  | { readonly clip: readonly [lo: number, hi: number] };

/** Beyond its geometry, what a blocked convolution can do in the same pass. */
export interface BlockedConvOptions extends ConvolutionOptions {
  /** (filters) */
  readonly bias?: Value;
  /** Added to the result; blocked, of its shape. */
  readonly sum?: Value;
  readonly activation?: Activation;
}

/**
 * Convolution of blocked channels.
 *
 * Three forms of kernel, all of shape (filters, c / group, y, x), filters a multiple of the channel block:
 * where c is at least the block, in memory (filters / block, c / block, y, x, block of c, block of
 * filters); where it is less, (filters / block, c, y, x, block), and the image is not blocked; and
 * with as many groups as channels, (filters / block, y, x, block).
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
