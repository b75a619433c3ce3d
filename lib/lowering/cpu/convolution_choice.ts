/** Chooses the fastest formulation of a convolution, as measured on ONNX Runtime's CPU provider. */

import type { Shape } from "../../array/nd_array.ts";
import type { Attributes } from "../../graph/attributes.ts";
import type { Value } from "../../graph/graph.ts";
import { convWeightGradientAsConv } from "../convolution_gradients.ts";
import { fitsWinograd, winogradConv, winogradWeightGradient } from "./winograd.ts";

/** With fewer channels, Winograd's mixes cost more than its products save. */
const WINOGRAD_MIN_CHANNELS = 32;

/** Computes `Conv(x, w, bias)`. */
export function fastestConv(
  x: Value,
  w: Value,
  bias: Value | undefined,
  attributes: Attributes,
): Value {
  const [filters, channels, ...kernel] = w.shape;
  // ONNX Runtime's operator is faster with constant weights, which it packs beforehand.
  const isWorthIt = !w.constant && Math.min(filters, channels) >= WINOGRAD_MIN_CHANNELS &&
    fitsWinograd(x.shape, kernel, attributes);
  return isWorthIt
    ? winogradConv(x, w, bias, attributes)
    : x.graph.add("Conv", bias ? [x, w, bias] : [x, w], attributes)[0];
}

/** Computes dw of `Conv(x, w)`. */
export function fastestWeightGradient(
  x: Value,
  dy: Value,
  shape: Shape,
  attributes: Attributes,
): Value {
  const [filters, channels, ...kernel] = shape;
  const isWorthIt = Math.min(filters, channels) >= WINOGRAD_MIN_CHANNELS &&
    fitsWinograd(x.shape, kernel, attributes);
  return isWorthIt
    ? winogradWeightGradient(x, dy, shape, attributes, convWeightGradientAsConv)
    : convWeightGradientAsConv(x, dy, shape, attributes);
}
