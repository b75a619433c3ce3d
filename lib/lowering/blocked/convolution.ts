/**
 * Computes convolutions on blocked channels.
 *
 * ONNX Runtime's blocked convolution is 2D. For a 3D convolution, the planes that each result
 * depends on are concatenated along the channels: a copy, and then one 2D convolution with as many
 * products as the 3D one.
 */

import { type Shape, sizeOf } from "../../array/nd_array.ts";
import type { Value } from "../../graph/graph.ts";
import * as o from "../../graph/operators.ts";
import { flippedTransposed } from "../convolution_gradients.ts";
import { positions } from "../positions.ts";
import type { ConvolutionGeometry } from "./convolution_geometry.ts";
import { blockedKernel } from "./kernel.ts";
import { type BlockedLayout, channelsToBricks, extentsOf, planesOf } from "./layout.ts";
import { blockedConv } from "./operators.ts";
import { planeConvolution } from "./plane_convolution.ts";

/** (filters, c, …kernel) → (filters, c, z, y, x) */
function in3D(w: Value): Value {
  const [filters, channels, ...kernel] = w.shape;
  return kernel.length === 3 ? w : o.reshape(w, [filters, channels, 1, ...kernel]);
}

/** Pads a bias to whole channel blocks. */
function blockedBias(bias: Value, { filledUp }: { filledUp: number }): Value {
  return o.pad(bias, [0], [filledUp - bias.shape[0]]);
}

/**
 * Computes `Conv(x, w, bias)` on blocked channels.
 *
 * @param x (n, c, …size), not blocked
 * @param w (filters, c, …kernel)
 * @param bias (filters)
 * @returns The result's blocked form, with filters padded to whole channel blocks.
 */
export function blockedConvolution(
  x: Value,
  w: Value,
  bias: Value | undefined,
  geometry: ConvolutionGeometry,
  layout: BlockedLayout,
): Value {
  const extents = extentsOf(x.shape);
  const offset = bias && blockedBias(bias, { filledUp: layout.filledUp(w.shape[0]) });
  // If channels are this few, those of adjacent planes included, they are not blocked.
  const isUnblocked = extents.channels * geometry.kernel[0] < layout.channelBlock;
  const stack = { image: isUnblocked ? planesOf(x) : layout.of(x), isUnblocked, ...extents };
  return planeConvolution(stack, in3D(w), offset, geometry, layout);
}

/**
 * Computes dx of `Conv(x, w)` on blocked channels; undefined if that would require cropping.
 *
 * With stride 1, it is the convolution of dy with the flipped kernel. With larger strides, there is
 * one convolution per residue of a voxel's position modulo the stride, with the taps that reach it.
 *
 * @param dy Gradient of the result
 * @param w (filters, c, …kernel)
 * @param shape Shape of the image, (n, c, …size)
 */
export function blockedInputGradient(
  dy: Value,
  w: Value,
  shape: Shape,
  { kernel, strides, before }: ConvolutionGeometry,
  layout: BlockedLayout,
): Value | undefined {
  const { depth, plane, batch } = extentsOf(shape);
  const size = [depth, ...plane];
  const from = extentsOf(dy.shape);
  const fromSize = [from.depth, ...from.plane];
  if (size.some((extent, i) => extent % strides[i] !== 0)) return undefined;
  const flipped = in3D(flippedTransposed(w));
  const extent = size.map((n, i) => n / strides[i]);
  const plans = positions(strides).map((residue) => {
    // dx[s·j + r] = Σ over taps k ≡ r + pad (mod s) of dy[j + (r + pad − k) / s] · w[k].
    const first = residue.map((r, i) => (r + before[i]) % strides[i]);
    const count = first.map((k, i) => Math.ceil((kernel[i] - k) / strides[i]));
    const margin = count.map((n, i) => n - 1 - (residue[i] + before[i] - first[i]) / strides[i]);
    const after = extent.map((n, i) => n - fromSize[i] + count[i] - 1 - margin[i]);
    return { first, count, margin, after };
  });
  const isPossible = plans.every(({ count, margin, after }) =>
    count.every((n) => n > 0) && [...margin, ...after].every((n) => n >= 0)
  );
  if (!isPossible) return undefined;
  const stack = { image: layout.of(dy), ...from };
  const parts = plans.map(({ first, count, margin, after }) => {
    const ranges = first.flatMap((k, i) =>
      strides[i] === 1 ? [] : [{
        axis: i + 2,
        start: kernel[i] - 1 - (k + (count[i] - 1) * strides[i]),
        end: kernel[i] - k,
        step: strides[i],
      }]
    );
    const taps = ranges.length ? o.slice(flipped, ranges) : flipped;
    const geometry = { kernel: count, strides: [1, 1, 1], before: margin, after };
    return planeConvolution(stack, taps, undefined, geometry, layout);
  });
  if (parts.length === 1) return parts[0];
  const [count, channels, y, x] = parts[0].shape;
  const apart = parts.map((part) => o.reshape(part, [count, 1, channels, y, x]));
  const together = o.reshape(o.concat(apart, 1), [count, parts.length * channels, y, x]);
  return channelsToBricks(
    together,
    { batch, depth: extent[0], plane: [y, x] },
    strides,
    layout.channelBlock,
  );
}

/**
 * Computes `ConvTranspose(x, w, bias)` on blocked channels if the kernel equals the stride: every
 * voxel becomes a separate brick (`../bricks.ts`), whose voxels a 1×1 convolution computes as
 * channels.
 *
 * @param w (c, filters, …kernel)
 * @param brick (kz, ky, kx), the kernel's extents.
 */
export function blockedConvTranspose(
  x: Value,
  w: Value,
  bias: Value | undefined,
  brick: Shape,
  layout: BlockedLayout,
): Value {
  const [channels, filters] = w.shape;
  const taps = sizeOf(brick);
  const asFilters = o.transpose(o.reshape(w, [channels, filters, taps]), [2, 1, 0]);
  const kernel = blockedKernel(o.reshape(asFilters, [taps * filters, channels, 1, 1, 1]), layout);
  const offset = bias &&
    o.reshape(o.expand(o.reshape(bias, [1, filters]), [taps, filters]), [taps * filters]);
  const bricks = blockedConv(layout.of(x), kernel, { bias: offset });
  return channelsToBricks(bricks, extentsOf(x.shape), brick, layout.channelBlock);
}
