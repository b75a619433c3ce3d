/** Ways to the weight gradient of a convolution of one group, none of which is the fastest everywhere. */

import type { Shape } from "../../array/nd_array.ts";
import type { Attributes } from "../../graph/attributes.ts";
import type { Value } from "../../graph/graph.ts";
import { convWeightGradientAsConv } from "../convolution_gradients.ts";
import { brickProducts } from "./brick_products.ts";
import { columnProducts } from "./column_products.ts";
import { shiftedProducts } from "./shifted_products.ts";

/**
 * @param x (n, c, …size)
 * @param dy (n, filters, …output)
 * @param shape The weight's, (filters, c, …kernel)
 */
export type WeightGradient = (
  x: Value,
  dy: Value,
  shape: Shape,
  attributes: Attributes,
) => Value;

export const weightGradients = {
  /** A product a tap, with the image shifted. */
  products: shiftedProducts,
  /** Products of bricks of voxels. */
  bricks: brickProducts,
  /** One product, with all shifted images. */
  columns: columnProducts,
  /** A convolution of the image with its gradient. */
  convolution: convWeightGradientAsConv,
} as const satisfies Record<string, WeightGradient>;
