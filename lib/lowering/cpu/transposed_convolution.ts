/** Transposed convolution whose tiles do not overlap. */

import { sameShape, type Shape, sizeOf } from "../../array/nd_array.ts";
import { type Attributes, convolutionAttributes } from "../../graph/attributes.ts";
import type { Value } from "../../graph/graph.ts";
import * as o from "../../graph/operators.ts";
import { columnsWoven } from "./interleave.ts";

/**
 * With kernel = stride every input voxel becomes a block of its own, so a 1×1 convolution computes
 * the blocks' values as channels, and moving them to their places is all that is left. ONNX
 * Runtime's own `ConvTranspose` is several times slower.
 *
 * @param inputs x (n, c, …size), w (c, filters, …kernel), bias (filters) or nothing
 */
export function blockConvTranspose(
  [x, w, bias]: readonly (Value | undefined)[],
  attributes: Attributes,
): Value[] {
  const [batch, channels, ...size] = x!.shape;
  const [, filters, ...kernel] = w!.shape;
  const rank = size.length;
  const { strides, pads, group } = convolutionAttributes(attributes, rank);
  if (!sameShape(kernel, strides) || group !== 1 || pads.some((p) => p !== 0)) {
    return x!.graph.add("ConvTranspose", bias ? [x!, w!, bias] : [x!, w!], attributes);
  }
  const taps = sizeOf(kernel);
  const axes = kernel.map((_, i) => i);
  // (c, filters, …kernel) → (…kernel · filters, c, 1, …)
  const blockWeights = o.reshape(o.transpose(w!, [...axes.map((i) => i + 2), 1, 0]), [
    taps * filters,
    channels,
    ...axes.map(() => 1),
  ]);
  const blockBias = bias &&
    o.reshape(o.expand(o.reshape(bias, [1, filters]), [taps, filters]), [taps * filters]);
  const blocks = o.reshape(o.conv(x!, blockWeights, blockBias), [
    batch,
    ...kernel,
    filters,
    ...size,
  ]);
  // (n, …kernel, filters, …size) → (n, filters, size₀, kernel₀, …, kernelₙ, sizeₙ): the innermost
  // pair stays in blocks, whose columns a matrix then weaves.
  const kernelAxis = (i: number) => 1 + i;
  const sizeAxis = (i: number) => 2 + rank + i;
  const order = [0, rank + 1];
  for (const i of axes) {
    order.push(...i < rank - 1 ? [sizeAxis(i), kernelAxis(i)] : [kernelAxis(i), sizeAxis(i)]);
  }
  const shape: Shape = [batch, filters, ...size.map((n, i) => n * strides[i])];
  const laid = o.reshape(o.transpose(blocks, order), shape);
  return [strides[rank - 1] === 1 ? laid : columnsWoven(laid, strides[rank - 1])];
}
