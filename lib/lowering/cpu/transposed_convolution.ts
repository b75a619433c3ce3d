/** Computes transposed convolutions whose kernel equals their stride, as those of U-Nets do. */

import { type Shape, sizeOf } from "../../array/nd_array.ts";
import { type Attributes, convolutionAttributes } from "../../graph/attributes.ts";
import type { Value } from "../../graph/graph.ts";
import * as o from "../../graph/operators.ts";
import { cutsIntoBricks } from "../bricks.ts";
import { columnsWoven } from "./interleave.ts";

/**
 * Computes `ConvTranspose(x, w, bias)`.
 *
 * If the kernel equals the stride, every voxel of `x` becomes a separate brick, so a 1×1
 * convolution computes the bricks' voxels as channels, which are then rearranged. ONNX Runtime's
 * `ConvTranspose` is several times slower.
 *
 * @param inputs x (n, c, …size), w (c, filters, …kernel) and optionally bias (filters)
 */
export function fastestConvTranspose(
  [x, w, bias]: readonly (Value | undefined)[],
  attributes: Attributes,
): Value[] {
  const [batch, channels, ...size] = x!.shape;
  const [, filters, ...kernel] = w!.shape;
  const rank = size.length;
  if (!cutsIntoBricks(kernel, convolutionAttributes(attributes, rank))) {
    return x!.graph.add("ConvTranspose", bias ? [x!, w!, bias] : [x!, w!], attributes);
  }
  const taps = sizeOf(kernel);
  const axes = kernel.map((_, i) => i);
  // (c, filters, …kernel) → (…kernel · filters, c, 1, …)
  const brickWeights = o.reshape(o.transpose(w!, [...axes.map((i) => i + 2), 1, 0]), [
    taps * filters,
    channels,
    ...axes.map(() => 1),
  ]);
  const brickBias = bias &&
    o.reshape(o.expand(o.reshape(bias, [1, filters]), [taps, filters]), [taps * filters]);
  const bricks = o.reshape(o.conv(x!, brickWeights, brickBias), [
    batch,
    ...kernel,
    filters,
    ...size,
  ]);
  // (n, …kernel, filters, …size) → (n, filters, size₀, kernel₀, …, kernelₙ, sizeₙ): the innermost
  // pair is kept as segments, whose columns a matrix then interleaves.
  const kernelAxis = (i: number) => 1 + i;
  const sizeAxis = (i: number) => 2 + rank + i;
  const order = [0, rank + 1];
  for (const i of axes) {
    order.push(...i < rank - 1 ? [sizeAxis(i), kernelAxis(i)] : [kernelAxis(i), sizeAxis(i)]);
  }
  const shape: Shape = [batch, filters, ...size.map((n, i) => n * kernel[i])];
  const laid = o.reshape(o.transpose(bricks, order), shape);
  return [kernel[rank - 1] === 1 ? laid : columnsWoven(laid, kernel[rank - 1])];
}
