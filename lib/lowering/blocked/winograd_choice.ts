/**
 * Estimates whether Winograd along depth is faster, from measurements on ONNX Runtime's CPU
 * provider.
 */

import { type Shape, sizeOf } from "../../array/nd_array.ts";
import { type AxisWinograd, axisWinograd, TAPS } from "./axis_winograd.ts";

// Nanoseconds per operation of a convolution, operation of a mix, and mixed weight, on two cores
// with AVX-512.
const CONVOLVING = 1 / 430;
const MIXING = 1 / 220;
const MIXED_WEIGHT = 0.7;

/**
 * Returns Winograd along depth for a convolution on blocked channels if it is faster, that is, if
 * the operations that it saves take longer than mixing planes and weights; undefined otherwise.
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
