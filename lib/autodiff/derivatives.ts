/**
 * Defines derivatives that are one operation in mathematics but several operators in ONNX.
 *
 * The gradient table applies them by name; `lib/lowering/` decides how each provider computes them.
 */

import type { Shape } from "../array/nd_array.ts";
import type { Attributes } from "../graph/attributes.ts";
import type { Value } from "../graph/graph.ts";

/**
 * Gradient of a convolution with respect to its image.
 *
 * @param dy Gradient of the output, (n, filters, …)
 * @param w (filters, c, …kernel)
 * @param shape Shape of the image, (n, c, …)
 * @param attributes Attributes of the convolution
 */
export function convInputGradient(dy: Value, w: Value, shape: Shape, attributes: Attributes) {
  return dy.graph.add("nnunet:ConvInputGradient", [dy, w], { ...attributes, shape })[0];
}

/**
 * Gradient of a convolution with respect to its weight.
 *
 * @param x The image, (n, c, …)
 * @param dy Gradient of the output, (n, filters, …)
 * @param shape Shape of the weight, (filters, c, …kernel)
 * @param attributes Attributes of the convolution
 */
export function convWeightGradient(x: Value, dy: Value, shape: Shape, attributes: Attributes) {
  return x.graph.add("nnunet:ConvWeightGradient", [x, dy], { ...attributes, shape })[0];
}

/**
 * Gradients of an instance normalisation with respect to image, scale and bias.
 *
 * @param x The image, (n, c, …)
 * @param scale (c)
 * @param dy Gradient of the output
 * @param attributes Attributes of the normalisation
 * @returns Gradients of image, scale and bias.
 */
export function instanceNormGradient(x: Value, scale: Value, dy: Value, attributes: Attributes) {
  return x.graph.add("nnunet:InstanceNormalizationGradient", [x, scale, dy], attributes);
}

/**
 * Gradients of a batch normalisation by the batch's own statistics with respect to image, scale and
 * bias.
 *
 * @param x The image, (n, c, …)
 * @param scale (c)
 * @param dy Gradient of the normalised image
 * @param epsilon Added to the variance
 * @returns Gradients of image, scale and bias.
 */
export function batchNormGradient(x: Value, scale: Value, dy: Value, epsilon: number): Value[] {
  return x.graph.add("nnunet:BatchNormalizationGradient", [x, scale, dy], { epsilon });
}

/**
 * Gradient of a leaky ReLU. It is computed from the output, which has the input's sign, so that the
 * input need not be kept.
 *
 * @param y The output
 * @param dy Gradient of the output
 * @param attributes Attributes of the leaky ReLU
 */
export function leakyReluGradient(y: Value, dy: Value, attributes: Attributes): Value {
  return y.graph.add("nnunet:LeakyReluGradient", [y, dy], attributes)[0];
}

/**
 * Gradients of an attention whose queries are scaled already.
 *
 * @param q Scaled queries, (n, heads, queries, d)
 * @param k Keys, (n, heads, keys, d)
 * @param v Values, (n, heads, keys, width)
 * @param dy Gradient of the output, (n, heads, queries, width)
 * @returns Gradients of queries, keys and values.
 */
export function attentionGradient(q: Value, k: Value, v: Value, dy: Value): Value[] {
  return q.graph.add("nnunet:AttentionGradient", [q, k, v, dy]);
}
