/** Which way to convolve, by what was measured on ONNX Runtime's CPU provider. */

import { type Shape, sizeOf } from "../../array/nd_array.ts";
import type { Attributes } from "../../graph/attributes.ts";
import type { Value } from "../../graph/graph.ts";
import { type AxisWinograd, axisWinograd, TAPS } from "../blocked/axis_winograd.ts";
import { convWeightGradientAsConv } from "../convolution_gradients.ts";
import { fitsWinograd, winogradConv, winogradWeightGradient } from "./winograd.ts";

/** Convolutions of fewer channels spend more on Winograd's mixes than its products save. */
const WINOGRAD_MIN_CHANNELS = 32;

/** `Conv(x, w, bias)`. */
export function fastestConv(
  x: Value,
  w: Value,
  bias: Value | undefined,
  attributes: Attributes,
): Value {
  const [filters, channels, ...kernel] = w.shape;
  // Weights that are constant are best left to ONNX Runtime, which packs them beforehand.
  const isWorthIt = !w.constant && Math.min(filters, channels) >= WINOGRAD_MIN_CHANNELS &&
    fitsWinograd(x.shape, kernel, attributes);
  return isWorthIt
    ? winogradConv(x, w, bias, attributes)
    : x.graph.add("Conv", bias ? [x, w, bias] : [x, w], attributes)[0];
}

/** dw of `Conv(x, w)`. */
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

/** Nanoseconds on two cores with AVX-512: an operation of a convolution, of a mix, a mixed weight. */
const CONVOLVING = 1 / 430;
const MIXING = 1 / 220;
const MIXED_WEIGHT = 0.7;

/**
 * Winograd along depth for a convolution in blocks, if it is faster so: if the operations that it
 * spares take longer than mixing planes and weights.
 */
export function depthWinograd(
  filters: number,
  channels: number,
  { batch, depth, places, plane }: {
    readonly batch: number;
    readonly depth: number;
    readonly places: number;
    readonly plane: Shape;
  },
  { kernel: [kz, ...inPlane], strides }: { readonly kernel: Shape; readonly strides: Shape },
): AxisWinograd | undefined {
  if (kz !== TAPS || strides.some((stride) => stride !== 1)) return undefined;
  const winograd = axisWinograd(places);
  if (!winograd) return undefined;
  const products = winograd.tiles * winograd.products;
  const taps = sizeOf(inPlane);
  const pixels = batch * sizeOf(plane);
  const spared = 2 * taps * channels * filters * pixels * (TAPS * places - products);
  const mixed = 2 * products * pixels * (depth * channels + places * filters);
  const weights = TAPS * taps * channels * filters;
  const pays = spared * CONVOLVING > mixed * MIXING + weights * MIXED_WEIGHT;
  return pays ? winograd : undefined;
}
