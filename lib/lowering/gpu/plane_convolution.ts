/**
 * Computes a 3D convolution as a 2D convolution over planes.
 *
 * For 2D convolutions, ONNX Runtime's WebGPU provider multiplies tiles in shared memory; for 3D
 * convolutions, it has a kernel in which every thread reads all its inputs itself. So the depth
 * taps become channels: plane z of the image is concatenated with planes z + 1 and z + 2, and one
 * 2D convolution over all planes computes the whole sum. If that tensor is larger than GPUs can
 * bind, every tap is a separate convolution and their results are added.
 */

import { sizeOf } from "../../array/nd_array.ts";
import { type Attributes, convolutionAttributes } from "../../graph/attributes.ts";
import type { Value } from "../../graph/graph.ts";
import * as o from "../../graph/operators.ts";

/**
 * Largest number of elements of a tensor: 1 GiB of float32, half of the 2 GiB that GPUs can bind.
 */
const LARGEST = 2 ** 28;

/**
 * Computes `Conv(x, w, bias)` with one group.
 *
 * @param x (n, c, z, y, x)
 * @param w (filters, c, …kernel)
 * @param bias (filters)
 * @param attributes Attributes of the convolution
 * @param largest Largest number of elements of the image with all taps as channels.
 */
export function planeConv(
  x: Value,
  w: Value,
  bias: Value | undefined,
  attributes: Attributes,
  largest: number = LARGEST,
): Value {
  const { strides, dilations, pads } = convolutionAttributes(attributes, 3);
  const [batch, channels, , ...plane] = x.shape;
  const [filters, , taps, ...kernel] = w.shape;
  const padded = o.pad(x, [0, 0, pads[0], 0, 0], [0, 0, pads[3], 0, 0]);
  const planes = o.transpose(padded, [0, 2, 1, 3, 4]); // (n, z, c, y, x)
  const reach = (taps - 1) * dilations[0] + 1;
  const depth = Math.floor((padded.shape[2] - reach) / strides[0]) + 1;
  const shifted = Array.from({ length: taps }, (_, tap) => {
    const start = tap * dilations[0];
    const end = start + (depth - 1) * strides[0] + 1;
    return start === 0 && end === planes.shape[1] && strides[0] === 1
      ? planes
      : o.slice(planes, [{ axis: 1, start, end, step: strides[0] }]);
  });
  const weight = o.transpose(w, [0, 2, 1, 3, 4]); // (filters, tap, c, …)
  const inPlane = {
    strides: strides.slice(1),
    dilations: dilations.slice(1),
    pads: [pads[1], pads[2], pads[4], pads[5]],
  };
  const perConvolution = batch * depth * taps * channels * sizeOf(plane) <= largest ? taps : 1;
  const parts: Value[] = [];
  for (let first = 0; first < taps; first += perConvolution) {
    const some = o.slice(weight, [{ axis: 1, start: first, end: first + perConvolution }]);
    parts.push(o.conv(
      o.reshape(o.concat(shifted.slice(first, first + perConvolution), 2), [
        batch * depth,
        perConvolution * channels,
        ...plane,
      ]),
      o.reshape(some, [filters, perConvolution * channels, ...kernel]),
      first === 0 ? bias : null,
      inPlane,
    ));
  }
  const convolved = o.sum(parts);
  const [, , ...outPlane] = convolved.shape;
  return o.transpose(
    o.reshape(convolved, [batch, depth, filters, ...outPlane]),
    [0, 2, 1, 3, 4],
  );
}
