/**
 * The weight gradient of a convolution as matrix products with shifted images.
 *
 * dw at a tap is dy · xᵀ, x shifted by the tap, over all voxels. That is a product of two thin
 * matrices along a very long axis, of which a GPU would compute the few results on a few of its
 * cores; so the axis is cut into pieces that are multiplied side by side and then added.
 */

import { type Shape, sizeOf } from "../../array/nd_array.ts";
import { type Attributes, convolutionAttributes } from "../../graph/attributes.ts";
import type { Value } from "../../graph/graph.ts";
import * as o from "../../graph/operators.ts";
import { positions } from "../positions.ts";
import { largestDivisor } from "./largest_divisor.ts";

/** The most voxels of a piece: hundreds of pieces for a feature map of full resolution. */
const PIECE = 2048;
/** Columns that a product should have: taps are put side by side until it does. */
const COLUMNS = 32;

/**
 * dw of `Conv(x, w)`, one group.
 *
 * @param x (n, c, …size)
 * @param dy (n, filters, …output)
 * @param shape The weight's, (filters, c, …kernel)
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
