/** Lists all formulations of a convolution's weight gradient, to compare them. */

import type { Shape } from "../../../lib/array/nd_array.ts";
import type { Attributes } from "../../../lib/graph/attributes.ts";
import type { Value } from "../../../lib/graph/graph.ts";
import { convWeightGradientAsConv } from "../../../lib/lowering/convolution_gradients.ts";
import { brickProducts } from "../../../lib/lowering/gpu/brick_products.ts";
import { columnProducts } from "../../../lib/lowering/gpu/column_products.ts";
import { shiftedProducts } from "../../../lib/lowering/gpu/shifted_products.ts";
import type { Lowering } from "../../../lib/lowering/lower.ts";

const lowering = (
  weightGradient: (x: Value, dy: Value, shape: Shape, attributes: Attributes) => Value,
): Lowering =>
([x, dy], { shape, ...attributes }) => [weightGradient(x, dy, shape as Shape, attributes)];

/** Lowerings of `nnunet:ConvWeightGradient`. */
export const weightGradients = {
  /** One product per tap, with the image shifted. */
  products: lowering(shiftedProducts),
  /** Products of bricks of voxels. */
  bricks: lowering(brickProducts),
  /** One product, with all shifted images. */
  columns: lowering(columnProducts),
  /** A convolution of the image with its gradient. */
  convolution: lowering(convWeightGradientAsConv),
} as const;
