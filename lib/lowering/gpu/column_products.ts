/**
 * Computes a convolution's weight gradient as one matrix product.
 *
 * The input of a filter at each position becomes a column (Chellapilla et al. 2006, "im2col"). This
 * takes as many copies of the image as the kernel has taps, but few operators, and is used for
 * images so small that launching an operator on a GPU takes longer than computing it.
 */

import { type Shape, sizeOf } from "../../array/nd_array.ts";
import { type Attributes, convolutionAttributes } from "../../graph/attributes.ts";
import type { Value } from "../../graph/graph.ts";
import * as o from "../../graph/operators.ts";

/**
 * Computes dw of `Conv(x, w)` with one group.
 *
 * @param x (n, c, …size)
 * @param dy (n, filters, …output)
 * @param shape Shape of the weight, (filters, c, …kernel)
 * @param attributes Attributes of the convolution
 */
export function columnProducts(
  x: Value,
  dy: Value,
  shape: Shape,
  attributes: Attributes,
): Value {
  const [filters, channels, ...kernel] = shape;
  const [batch, , ...output] = dy.shape;
  const rank = kernel.length;
  const { strides, dilations, pads } = convolutionAttributes(attributes, rank);
  const padded = o.pad(x, [0, 0, ...pads.slice(0, rank)], [0, 0, ...pads.slice(rank)]);
  // (n, c, taps and outputs of the first axis, taps and outputs of the second, …)
  const patches = kernel.reduce<Value>((image, extent, i) => {
    if (extent === 1 && strides[i] === 1) {
      return o.reshape(image, image.shape.toSpliced(2 + 2 * i, 1, 1, output[i]));
    }
    const indices = Array.from(
      { length: extent * output[i] },
      (_, at) => Math.floor(at / output[i]) * dilations[i] + (at % output[i]) * strides[i],
    );
    const gathered = o.gather(image, indices, 2 + 2 * i);
    return o.reshape(gathered, gathered.shape.toSpliced(2 + 2 * i, 1, extent, output[i]));
  }, padded);
  const axes = kernel.map((_, i) => i);
  const columns = o.reshape(
    o.transpose(patches, [1, ...axes.map((i) => 2 + 2 * i), 0, ...axes.map((i) => 3 + 2 * i)]),
    [channels * sizeOf(kernel), batch * sizeOf(output)],
  );
  const rows = o.reshape(
    o.transpose(dy, [1, 0, ...axes.map((i) => i + 2)]),
    [filters, batch * sizeOf(output)],
  );
  return o.reshape(o.matmulTransposed(rows, columns), shape);
}
