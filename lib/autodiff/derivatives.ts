/**
 * Derivatives that are one idea but several ONNX operators.
 *
 * The gradient table speaks of them by name; how each is computed fastest on a provider is decided
 * in `lib/lowering`.
 */

import type { Shape } from "../array/nd_array.ts";
import type { Attributes } from "../graph/attributes.ts";
import type { Value } from "../graph/graph.ts";

/**
 * Gradient of a convolution with respect to its image.
 *
 * @param dy Gradient of the output, (n, filters, …)
 * @param w (filters, c, …kernel)
 * @param shape Shape of the image
 * @param attributes The convolution's own
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
 * @param attributes The convolution's own
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
 */
export function instanceNormGradient(x: Value, scale: Value, dy: Value, attributes: Attributes) {
  return x.graph.add("nnunet:InstanceNormalizationGradient", [x, scale, dy], attributes);
}

/**
 * Gradient of a leaky ReLU, told from its output, whose sign is the input's, so that the input
 * need not be kept.
 */
export function leakyReluGradient(y: Value, dy: Value, attributes: Attributes): Value {
  return y.graph.add("nnunet:LeakyReluGradient", [y, dy], attributes)[0];
}
