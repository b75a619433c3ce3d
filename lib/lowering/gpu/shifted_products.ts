/**
 * Computes a convolution's weight gradient as matrix products with shifted images.
 *
 * dw at a tap is dy · xᵀ over all voxels, with x shifted by the tap. That is a product of two thin
 * matrices along a very long axis, whose few results a GPU would compute on a few of its cores; so
 * the axis is split into pieces that are multiplied in parallel and then added.
 */

import { type Shape, sizeOf } from "../../array/nd_array.ts";
import { type Attributes, convolutionAttributes } from "../../graph/attributes.ts";
import type { Value } from "../../graph/graph.ts";
import * as o from "../../graph/operators.ts";
import { positions } from "../positions.ts";
import { largestDivisor } from "./largest_divisor.ts";

/** Most voxels per piece: a feature map of full resolution has hundreds of pieces. */
const PIECE = 2048;
/** Columns that a product should have: taps are concatenated until it does. */
const COLUMNS = 32;

/**
 * Computes dw of `Conv(x, w)` with one group.
 *
 * @param x (n, c, …size)
 * @param dy (n, filters, …output)
 * @param shape Shape of the weight, (filters, c, …kernel)
 * @param attributes Attributes of the convolution
 */
export function shiftedProducts(
  x: Value,
  dy: Value,
  shape: Shape,
  attributes: Attributes,
): Value {
  const [filters, channels, ...kernel] = shape;
  const [batch, , ...output] = dy.shape;
  const rank = kernel.length;
  const { strides, dilations, pads } = convolutionAttributes(attributes, rank);
  const voxels = sizeOf(output);
  const piece = largestDivisor(voxels, PIECE);
  const pieces = batch * (voxels / piece);

  const padded = o.pad(x, [0, 0, ...pads.slice(0, rank)], [0, 0, ...pads.slice(rank)]);
  const channelsLast = o.transpose(padded, [0, ...kernel.map((_, i) => i + 2), 1]);
  // (n, filters, voxels) → (pieces, filters, piece)
  const rows = o.reshape(
    o.transpose(o.reshape(dy, [batch, filters, voxels / piece, piece]), [0, 2, 1, 3]),
    [pieces, filters, piece],
  );
  const taps = positions(kernel);
  const perGroup = Math.max(1, Math.floor(COLUMNS / channels));
  const groups = Array.from(
    { length: Math.ceil(taps.length / perGroup) },
    (_, i) => taps.slice(i * perGroup, (i + 1) * perGroup),
  );
  const products = groups.map((group) => {
    const shifted = group.map((tap) =>
      o.slice(
        channelsLast,
        tap.map((k, i) => {
          const start = k * dilations[i];
          const end = start + (output[i] - 1) * strides[i] + 1;
          return { axis: i + 1, start, end, step: strides[i] };
        }),
      )
    );
    const columns = o.reshape(o.concat(shifted, rank + 1), [
      pieces,
      piece,
      group.length * channels,
    ]);
    return o.reduceSum(o.cast(o.matmul(rows, columns), "float32"), [0]);
  });
  // (filters, taps · c) → (filters, c, …kernel)
  const all = o.reshape(o.concat(products, 1), [filters, taps.length, channels]);
  return o.cast(o.reshape(o.transpose(all, [0, 2, 1]), shape), x.type);
}
