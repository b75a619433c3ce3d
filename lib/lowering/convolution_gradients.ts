/**
 * Computes gradients of convolutions as convolutions.
 *
 * ONNX Runtime's CPU convolution is one of its fastest operators and `ConvTranspose` one of its
 * slowest, so every gradient here is a `Conv` over data laid out for it. Any number of spatial
 * axes; one group.
 */

import { type Shape, sizeOf } from "../array/nd_array.ts";
import { type Attributes, convolutionAttributes } from "../graph/attributes.ts";
import type { Value } from "../graph/graph.ts";
import * as o from "../graph/operators.ts";
import { positions } from "./positions.ts";

/** Computes `Conv(x, w, bias)`. */
export type Convolve = (
  x: Value,
  w: Value,
  bias: Value | undefined,
  attributes: Attributes,
) => Value;

/**
 * Interleaves arrays that each contain every stride-th position.
 *
 * @param parts One array (n, c, …) per residue of the stride, last axis fastest; along an axis,
 * some may be shorter by one.
 * @param strides Residues per spatial axis.
 * @param shape Shape of the result, (n, c, …).
 */
export type Interleave = (parts: readonly Value[], strides: Shape, shape: Shape) => Value;

const plainConv: Convolve = (x, w, bias, attributes) => o.conv(x, w, bias, attributes);

/** Returns the attributes of a convolution with one group, per axis. */
function ungrouped(attributes: Attributes, rank: number) {
  const { strides, dilations, pads, group } = convolutionAttributes(attributes, rank);
  if (group !== 1) throw new RangeError(`Cannot differentiate a convolution of ${group} groups`);
  return { strides, dilations, pads };
}

/**
 * Computes dx of `Conv(x, w)`.
 *
 * With stride 1, it is a convolution of dy with the flipped kernel, channels transposed. With
 * larger strides, image positions of one residue modulo the stride depend only on every stride-th
 * tap, so each residue is a small convolution of stride 1, and the results are interleaved.
 *
 * @param dy (n, filters, …output)
 * @param w (filters, c, …kernel)
 * @param shape Shape of the image, (n, c, …size)
 * @param attributes Attributes of the convolution
 * @param convolve Computes a convolution of stride 1.
 * @param interleave Interleaves the residues' results.
 */
export function convInputGradientAsConvs(
  dy: Value,
  w: Value,
  shape: Shape,
  attributes: Attributes,
  convolve: Convolve,
  interleave: Interleave,
): Value {
  const size = shape.slice(2);
  const rank = size.length;
  const kernel = w.shape.slice(2);
  const { strides, dilations, pads } = ungrouped(attributes, rank);
  if (strides.every((stride) => stride === 1)) {
    const covered = kernel.map((k, i) => (k - 1) * dilations[i]);
    const before = covered.map((c, i) => c - pads[i]);
    const after = size.map((n, i) => n - dy.shape[i + 2] + covered[i] - before[i]);
    return convSamePlaces(dy, flippedTransposed(w), before, after, { dilations }, convolve);
  }
  if (dilations.some((dilation) => dilation !== 1)) {
    throw new RangeError("Cannot differentiate a convolution with both strides and dilations");
  }
  const swapped = o.transpose(w, [1, 0, ...kernel.map((_, i) => i + 2)]);
  const parts = positions(strides).map((residue) => {
    const extent = size.map((n, i) => Math.ceil((n - residue[i]) / strides[i]));
    // dx[s·j + r] = Σ over taps k ≡ r + pad (mod s) of dy[j + (r + pad − k) / s] · w[k].
    const first = residue.map((r, i) => (r + pads[i]) % strides[i]);
    const count = first.map((k, i) => Math.ceil((kernel[i] - k) / strides[i]));
    if (count.some((n) => n <= 0)) {
      // With a stride larger than the kernel, no tap reaches some positions.
      return zeros(dy, [shape[0], shape[1], ...extent]);
    }
    const taps = o.slice(
      swapped,
      first.map((start, i) => ({
        axis: i + 2,
        start: start + (count[i] - 1) * strides[i],
        step: -strides[i],
      })),
    );
    // The slice goes backwards to the axis's beginning, which gives exactly `count` taps.
    const shift = residue.map((r, i) => (r + pads[i] - first[i]) / strides[i]);
    const before = count.map((n, i) => n - 1 - shift[i]);
    const after = extent.map((n, i) => n - dy.shape[i + 2] + count[i] - 1 - before[i]);
    return convSamePlaces(dy, taps, before, after, {}, convolve);
  });
  return interleave(parts, strides, shape);
}

/** Returns zeros of the type of a value. */
function zeros({ graph, type }: Value, shape: Shape): Value {
  return o.cast(graph.constant("float32", shape, new Float32Array(sizeOf(shape))), type);
}

/** Convolves with padding; negative padding crops. */
function convSamePlaces(
  x: Value,
  w: Value,
  before: readonly number[],
  after: readonly number[],
  options: { readonly dilations?: readonly number[]; readonly strides?: readonly number[] } = {},
  convolve: Convolve = plainConv,
): Value {
  const crops = before.flatMap((b, i) =>
    b < 0 || after[i] < 0
      ? [{
        axis: i + 2,
        start: Math.max(0, -b),
        end: x.shape[i + 2] - Math.max(0, -after[i]),
      }]
      : []
  );
  const pads = [...before, ...after].map((p) => Math.max(0, p));
  return convolve(crops.length ? o.slice(x, crops) : x, w, undefined, { ...options, pads });
}

/** (filters, c, …kernel) → (c, filters, …kernel reversed on every axis). */
export function flippedTransposed(w: Value): Value {
  const [filters, channels, ...kernel] = w.shape;
  const taps = sizeOf(kernel);
  const flat = o.transpose(o.reshape(w, [filters, channels, taps]), [1, 0, 2]);
  if (taps === 1) return o.reshape(flat, [channels, filters, ...kernel]);
  if (w.type !== "float32") {
    // ONNX Runtime 1.30 crashes in a half-precision product with a constant.
    const reversed = o.slice(flat, [{ axis: 2, start: taps - 1, step: -1 }]);
    return o.reshape(reversed, [channels, filters, ...kernel]);
  }
  // Multiplying by the exchange matrix reverses rows faster than a backward slice copies them.
  const exchange = new Float32Array(taps * taps);
  for (let i = 0; i < taps; i++) exchange[i * taps + taps - 1 - i] = 1;
  const flip = w.graph.constant("float32", [taps, taps], exchange);
  return o.reshape(o.matmul(flat, flip), [channels, filters, ...kernel]);
}

/**
 * Computes dw of `Conv(x, w)`.
 *
 * It is one convolution with dy as its kernel. The image is viewed channels last, with width and
 * channels merged into its innermost axis, so that the kernel slides over channels too: position
 * (…, d·c + i) of the result is the gradient at tap d and channel i.
 *
 * @param x (n, c, …size)
 * @param dy (n, filters, …output)
 * @param shape Shape of the weight, (filters, c, …kernel)
 * @param attributes Attributes of the convolution
 */
export function convWeightGradientAsConv(
  x: Value,
  dy: Value,
  shape: Shape,
  attributes: Attributes,
): Value {
  const [filters, channels, ...kernel] = shape;
  const [batch, , ...size] = x.shape;
  const rank = size.length;
  const { strides, dilations, pads } = ungrouped(attributes, rank);
  const axes = kernel.map((_, i) => i + 2);
  const last = rank - 1;
  // (n, c, …size) → (1, n, …size without the last, width · c)
  const channelsLast = o.reshape(o.transpose(x, [0, ...axes, 1]), [
    1,
    batch,
    ...size.slice(0, -1),
    size[last] * channels,
  ]);
  const asKernel = o.transpose(dy, [1, 0, ...axes]); // (filters, n, …output)
  // One step along the innermost axis is a channel; one voxel is `channels` steps.
  const unit = (i: number) => i === last ? channels : 1;
  const before = pads.slice(0, rank).map((p, i) => p * unit(i));
  const after = size.map((n, i) => {
    const covered = (dy.shape[i + 2] - 1) * strides[i] + 1;
    return ((kernel[i] - 1) * dilations[i] + covered - n - pads[i]) * unit(i);
  });
  const wide = convSamePlaces(channelsLast, asKernel, before, after, {
    dilations: strides.map((s, i) => s * unit(i)),
    // Taps of a dilated kernel are `dilation` positions apart in the result.
    ...(dilations.some((d) => d > 1)
      ? { strides: dilations.map((d, i) => i === last ? 1 : d) }
      : {}),
  });
  // (1, filters, …kernel without the last, kernel · c) → (filters, c, …kernel)
  return o.transpose(
    o.reshape(pickTaps(wide, kernel[last], dilations[last], channels), [
      filters,
      ...kernel,
      channels,
    ]),
    [0, rank + 1, ...kernel.map((_, i) => i + 1)],
  );
}

/** Keeps every `dilation`-th tap of an innermost axis of taps · channels. */
function pickTaps(x: Value, taps: number, dilation: number, channels: number): Value {
  if (dilation === 1) return x;
  const outer = x.shape.slice(0, -1);
  const apart = o.reshape(x, [...outer, x.shape.at(-1)! / channels, channels]);
  const axis = outer.length;
  return o.reshape(o.slice(apart, [{ axis, start: 0, step: dilation }]), [
    ...outer,
    taps * channels,
  ]);
}
