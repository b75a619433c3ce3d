/** What CUDA and WebGPU have in common. */

import { sizeOf } from "../array/nd_array.ts";
import type { Value } from "../graph/graph.ts";
import * as o from "../graph/operators.ts";
import type { LoweringTable } from "./lower.ts";
import { largestDivisor } from "./pieces.ts";

/** Derivatives in elementary operators, which GPUs run at the speed of their memory. */
export const gpuDerivatives: LoweringTable = {
  "nnunet:InstanceNormalizationGradient": ([x, scale, dy], { epsilon }) =>
    instanceNormGradient(x, scale, dy, epsilon as number),
  "nnunet:LeakyReluGradient": ([y, dy], { alpha }) => [
    o.where(o.greater(y, 0), dy, o.mul(dy, alpha as number)),
  ],
};

/**
 * With x̂ the normalised image: dx = scale / σ · (dy − mean(dy) − x̂ · mean(dy x̂)).
 *
 * Statistics are single precision, whatever the image is.
 *
 * @returns Gradients of image, scale and bias.
 */
function instanceNormGradient(x: Value, scale: Value, dy: Value, epsilon: number): Value[] {
  const [batch, channels, ...size] = x.shape;
  const voxels = sizeOf(size);
  const flat = (value: Value) => o.reshape(value, [batch, channels, voxels]);
  const [image, gradient] = [flat(x), flat(dy)];
  const centered = o.sub(image, o.reduceMean(image, [2], true));
  const variance = o.div(sumOfSquares(centered), voxels);
  const inverse = o.div(1, o.sqrt(o.add(variance, epsilon)));
  const sum = sumOf(gradient);
  const dot = o.mul(inverse, sumOf(o.mul(gradient, centered)));
  const factor = o.mul(o.reshape(scale, [1, channels, 1]), inverse);
  const slope = o.div(o.mul(o.mul(factor, inverse), dot), voxels);
  const as = (value: Value) => o.cast(value, x.type);
  const dx = o.sub(
    o.mul(o.sub(gradient, as(o.div(sum, voxels))), as(factor)),
    o.mul(centered, as(slope)),
  );
  const overBatch = (value: Value) => o.reduceSum(value, [0, 2]);
  return [o.reshape(dx, x.shape), overBatch(dot), overBatch(sum)];
}

/** Elements of which a sum, or the root of a sum of squares, stays within half precision. */
const ROW = 2048;

/** (n, c, voxels) → (n, c, 1) in single precision. */
function sumOf(x: Value): Value {
  if (x.type === "float32") return o.reduceSum(x, [2], true);
  return o.reduceSum(o.cast(o.reduceSum(inRows(x), [3], true), "float32"), [2]);
}

/** The same of squares. */
function sumOfSquares(x: Value): Value {
  if (x.type === "float32") return o.reduceSumSquare(x, [2], true);
  return o.reduceSumSquare(o.cast(o.reduceL2(inRows(x), [3], true), "float32"), [2]);
}

/** (n, c, voxels) → (n, c, rows, voxels of a row) */
function inRows(x: Value): Value {
  const [batch, channels, voxels] = x.shape;
  const row = largestDivisor(voxels, ROW);
  return o.reshape(x, [batch, channels, voxels / row, row]);
}

/** Whether a convolution's kernel tiles the image without margin: kernel = stride, one group. */
export function tilesImage(
  kernel: readonly number[],
  { strides, pads, dilations, group }: {
    readonly strides: readonly number[];
    readonly pads: readonly number[];
    readonly dilations: readonly number[];
    readonly group: number;
  },
): boolean {
  return group === 1 && kernel.every((extent, i) => extent === strides[i]) &&
    pads.every((p) => p === 0) && dilations.every((d, i) => d === 1 || kernel[i] === 1);
}
