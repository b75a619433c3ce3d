/**
 * Convolves along depth with Winograd's F(2, 3): two adjacent slices of the result take four
 * products instead of six.
 *
 * The two slices are y₀ = m₀ + m₁ + m₂ and y₁ = m₁ − m₂ − m₃, where each m is an in-plane
 * convolution of a mix of the image's slices with a mix of the kernel's slices. It is used only
 * along depth, where mixes are of whole contiguous slices and cost little compared to the products
 * they save.
 *
 * @see Lavin and Gray 2016, Fast algorithms for convolutional neural networks, section 4.1
 */

import type { Shape } from "../../array/nd_array.ts";
import { sizeOf } from "../../array/nd_array.ts";
import { type Attributes, convolutionAttributes } from "../../graph/attributes.ts";
import type { Value } from "../../graph/graph.ts";
import * as o from "../../graph/operators.ts";

const DEPTH = 2;

/** Whether a convolution has depth kernel 3, stride 1, depth padding 1 and an even depth. */
export function fitsWinograd(x: Shape, kernel: Shape, attributes: Attributes): boolean {
  if (kernel.length !== 3) return false;
  const { strides, dilations, pads, group } = convolutionAttributes(attributes, 3);
  const plain = [...strides, ...dilations, group].every((value) => value === 1);
  return plain && kernel[0] === 3 && pads[0] === 1 && pads[3] === 1 && x[DEPTH] % 2 === 0;
}

/**
 * Computes `Conv(x, w, bias)`.
 *
 * @param x (n, c, z, y, x), z even
 * @param w (filters, c, 3, …)
 */
export function winogradConv(
  x: Value,
  w: Value,
  bias: Value | undefined,
  attributes: Attributes,
): Value {
  const options = inPlane(attributes);
  const [k0, k1, k2, k3] = mixedKernels(w);
  const [x0, x1, x2, x3] = mixedSlices(x);
  const m0 = o.conv(x0, k0, bias, options);
  const m1 = o.conv(x1, k1, null, options);
  const m2 = o.conv(x2, k2, null, options);
  // Negated, so that the bias can be added here as in m0.
  const m3 = o.conv(x3, o.neg(k3), bias, options);
  return pairs(o.sum([m0, m1, m2]), o.sub(o.add(m1, m3), m2));
}

/**
 * Computes dw of `Conv(x, w)` from the gradients of the four products.
 *
 * @param x (n, c, z, y, x), z even
 * @param dy (n, filters, z, …)
 * @param shape Shape of the weight, (filters, c, 3, …)
 * @param attributes Attributes of the convolution
 * @param weightGradient Computes dw of an ordinary convolution.
 */
export function winogradWeightGradient(
  x: Value,
  dy: Value,
  shape: Shape,
  attributes: Attributes,
  weightGradient: (x: Value, dy: Value, shape: Shape, attributes: Attributes) => Value,
): Value {
  const [filters, channels, , ...kernel] = shape;
  const [first, second] = halves(dy);
  const mixedDy = [first, o.add(first, second), o.sub(first, second), o.neg(second)];
  const [d0, d1, d2, d3] = mixedSlices(x).map((slices, i) =>
    weightGradient(slices, mixedDy[i], [filters, channels, 1, ...kernel], inPlane(attributes))
  );
  const half = o.mul(o.add(d1, d2), 0.5);
  return o.concat([o.add(d0, half), o.mul(o.sub(d1, d2), 0.5), o.add(half, d3)], DEPTH);
}

/** Returns the convolution's in-plane padding. */
function inPlane(attributes: Attributes): { readonly pads: number[] } {
  const { pads } = convolutionAttributes(attributes, 3);
  return { pads: pads.map((margin, i) => i % 3 === 0 ? 0 : margin) };
}

/** (filters, c, 3, …) → four mixes of the kernel's slices, each (filters, c, 1, …). */
function mixedKernels(w: Value): Value[] {
  const [g0, g1, g2] = o.split(w, [1, 1, 1], DEPTH);
  const outer = o.add(g0, g2);
  return [g0, o.mul(o.add(outer, g1), 0.5), o.mul(o.sub(outer, g1), 0.5), g2];
}

/** (n, c, z, …) → four mixes of adjacent slices, each (n, c, z / 2, …). */
function mixedSlices(x: Value): Value[] {
  const [first, second] = halves(x);
  return [
    o.sub(shifted(second, 1), second),
    o.add(first, second),
    o.sub(second, first),
    o.sub(first, shifted(first, -1)),
  ];
}

/** Splits an array into its even and its odd slices. */
function halves(x: Value): Value[] {
  const [batch, channels, depth, ...plane] = x.shape;
  const paired = o.reshape(x, [batch, channels, depth / 2, 2, sizeOf(plane)]);
  return o.split(paired, [1, 1], 3).map((half) =>
    o.reshape(half, [batch, channels, depth / 2, ...plane])
  );
}

/** The inverse of {@link halves}. */
function pairs(first: Value, second: Value): Value {
  const [batch, channels, depth, ...plane] = first.shape;
  const apart = [batch, channels, depth, 1, sizeOf(plane)];
  const joined = o.concat([o.reshape(first, apart), o.reshape(second, apart)], 3);
  return o.reshape(joined, [batch, channels, 2 * depth, ...plane]);
}

/** Shifts slices by one towards larger z, or with −1 towards smaller z, and inserts zeros. */
function shifted(x: Value, by: 1 | -1): Value {
  const depth = x.shape[DEPTH];
  const kept = by === 1
    ? { axis: DEPTH, start: 0, end: depth - 1 }
    : { axis: DEPTH, start: 1, end: depth };
  const margin = (where: number) =>
    x.shape.map((_, axis) => axis === DEPTH && by === where ? 1 : 0);
  if (depth === 1) return o.mul(x, 0);
  return o.pad(o.slice(x, [kept]), margin(1), margin(-1));
}
