/**
 * Lists the lowerings for NVIDIA's GPUs.
 *
 * cuDNN's convolutions are used directly, and its transposed convolution computes a convolution's
 * input gradient. ONNX has no operator for weight gradients, so cuBLAS's products compute them.
 */

import { type Shape, sizeOf } from "../../array/nd_array.ts";
import { type Attributes, convolutionAttributes } from "../../graph/attributes.ts";
import type { Value } from "../../graph/graph.ts";
import * as o from "../../graph/operators.ts";
import type { LoweringTable } from "../lower.ts";
import { brickProducts } from "./brick_products.ts";
import { columnProducts } from "./column_products.ts";
import { gpuDerivatives } from "./derivatives.ts";

export const cudaLowerings: LoweringTable = {
  ...gpuDerivatives,
  "nnunet:ConvInputGradient": ([dy, w], { shape, ...attributes }) => {
    const size = (shape as Shape).slice(2);
    const { strides, dilations, pads } = convolutionAttributes(attributes, size.length);
    // Positions at an axis's end that the strided convolution does not reach.
    const outputPadding = size.map((n, i) =>
      n - ((dy.shape[i + 2] - 1) * strides[i] + (w.shape[i + 2] - 1) * dilations[i] + 1 -
        pads[i] - pads[i + size.length])
    );
    return [o.convTranspose(dy, w, null, { ...attributes, outputPadding })];
  },
  "nnunet:ConvWeightGradient": ([x, dy], { shape, ...attributes }) => [
    weightGradient(x, dy, shape as Shape, attributes),
  ],
};

/** Largest image, in bytes, for which launching an operator takes longer than computing it. */
const SMALL = 2 ** 23;

function weightGradient(x: Value, dy: Value, shape: Shape, attributes: Attributes): Value {
  const bytes = 4 * Math.max(sizeOf(x.shape), sizeOf(dy.shape));
  return (bytes <= SMALL ? columnProducts : brickProducts)(x, dy, shape, attributes);
}
