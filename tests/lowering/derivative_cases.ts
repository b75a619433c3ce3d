/** Lists functions whose gradients devices compute differently, for the tests that run them all. */

import { sizeOf } from "../../lib/array/nd_array.ts";
import { gradients } from "../../lib/autodiff/backward.ts";
import { Graph, type Value } from "../../lib/graph/graph.ts";
import * as o from "../../lib/graph/operators.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import type { HostTensor } from "../../lib/runtime/session.ts";

/** A function of values with given shapes. */
export interface DerivativeCase {
  readonly shapes: readonly (readonly number[])[];
  readonly build: (...values: Value[]) => Value;
}

/** Builds a graph of a function's value and all its gradients, with inputs for it. */
export function differentiate({ shapes, build }: DerivativeCase) {
  const graph = new Graph();
  const generator = createGenerator(3);
  const feeds: Record<string, HostTensor> = {};
  const values = shapes.map((shape, i) => {
    const data = Float32Array.from({ length: sizeOf(shape) }, () => generator.normal());
    feeds[`x${i}`] = { type: "float32", shape, data };
    return graph.input(`x${i}`, "float32", shape);
  });
  const y = build(...values);
  // Weighted, so that gradients differ between positions.
  const weights = Float32Array.from({ length: sizeOf(y.shape) }, (_, i) => Math.sin(i));
  const loss = o.reduceSum(o.mul(y, graph.constant("float32", y.shape, weights)));
  [y, ...gradients(loss, values)].forEach((value, i) => graph.output(`y${i}`, value));
  return { graph, feeds };
}

function of(
  shapes: DerivativeCase["shapes"],
  build: DerivativeCase["build"],
): DerivativeCase {
  return { shapes, build };
}

const pads = (n: number) => ({ pads: new Array<number>(6).fill(n) });

export const derivativeCases: Readonly<Record<string, DerivativeCase>> = {
  "conv 3×3×3": of(
    [[2, 3, 4, 6, 5], [4, 3, 3, 3, 3], [4]],
    (x, w, b) => o.conv(x, w, b, pads(1)),
  ),
  "conv 3×3×3, stride 2": of(
    [[2, 3, 4, 6, 6], [4, 3, 3, 3, 3], [4]],
    (x, w, b) => o.conv(x, w, b, { ...pads(1), strides: [2, 2, 2] }),
  ),
  "conv 3×3×3, stride 1, 2, 2, odd size": of(
    [[1, 2, 3, 7, 5], [3, 2, 3, 3, 3]],
    (x, w) => o.conv(x, w, null, { ...pads(1), strides: [1, 2, 2] }),
  ),
  "conv 1×3×3": of(
    [[1, 2, 3, 6, 5], [3, 2, 1, 3, 3], [3]],
    (x, w, b) => o.conv(x, w, b, { pads: [0, 1, 1, 0, 1, 1] }),
  ),
  "conv 1×1×1": of(
    [[2, 3, 4, 3, 2], [5, 3, 1, 1, 1], [5]],
    (x, w, b) => o.conv(x, w, b),
  ),
  "conv 2×2×2, stride 2": of(
    [[2, 3, 4, 6, 2], [5, 3, 2, 2, 2], [5]],
    (x, w, b) => o.conv(x, w, b, { strides: [2, 2, 2] }),
  ),
  "conv 3×3×3, dilation 2": of(
    [[1, 2, 6, 7, 5], [3, 2, 3, 3, 3]],
    (x, w) => o.conv(x, w, null, { ...pads(2), dilations: [2, 2, 2] }),
  ),
  "conv 3×3, stride 2": of(
    [[2, 3, 8, 6], [4, 3, 3, 3], [4]],
    (x, w, b) => o.conv(x, w, b, { pads: [1, 1, 1, 1], strides: [2, 2] }),
  ),
  "transposed conv 2×2×2": of(
    [[2, 3, 2, 3, 4], [3, 4, 2, 2, 2], [4]],
    (x, w, b) => o.convTranspose(x, w, b, { strides: [2, 2, 2] }),
  ),
  "transposed conv 1×2×2": of(
    [[2, 3, 2, 3, 4], [3, 4, 1, 2, 2], [4]],
    (x, w, b) => o.convTranspose(x, w, b, { strides: [1, 2, 2] }),
  ),
  "transposed conv 3×3×3, stride 2": of(
    [[1, 3, 2, 3, 4], [3, 2, 3, 3, 3]],
    (x, w) => o.convTranspose(x, w, null, { strides: [2, 2, 2], ...pads(1) }),
  ),
  "instance norm": of(
    [[2, 3, 4, 5, 6], [3], [3]],
    (x, scale, bias) => o.instanceNorm(x, scale, bias, 1e-5),
  ),
  "layer norm": of(
    [[2, 5, 6], [6], [6]],
    (x, scale, bias) => o.layerNorm(x, scale, bias, 1e-5),
  ),
  "attention": of([[2, 3, 5, 4], [2, 3, 6, 4], [2, 3, 6, 2]], o.attention),
  "error function": of([[2, 3, 4]], o.erf),
  "batch norm": of(
    [[2, 3, 4, 5, 6], [3], [3]],
    (x, scale, bias) => o.batchNormTraining(x, scale, bias, scale, scale, 1e-5)[0],
  ),
  "batch norm, 2D, with its statistics": of([[3, 4, 5, 6], [4], [4]], (x, scale, bias) => {
    const [y, mean, variance] = o.batchNormTraining(x, scale, bias, scale, scale, 1e-5);
    const wide = (value: Value) => o.reshape(value, [1, 4, 1, 1]);
    return o.add(o.mul(y, wide(mean)), wide(variance));
  }),
  "batch norm by given statistics": of(
    [[2, 3, 4, 5, 6], [3], [3], [3], [3]],
    (x, scale, bias, mean, deviation) =>
      o.batchNorm(x, scale, bias, mean, o.mul(deviation, deviation), 1e-2),
  ),
  "leaky ReLU": of([[2, 3, 4]], (x) => o.leakyRelu(x, 0.01)),
  "average pool": of([[2, 3, 4, 6, 2]], (x) => o.averagePool(x, [2, 2, 2])),
  "log-softmax": of([[2, 3, 4, 5]], (x) => o.logSoftmax(x, 1)),
  "long sums": of(
    [[2, 300, 400]],
    (x) => o.add(o.reduceSum(o.mul(x, x)), o.reduceSum(o.reduceMean(x, [1, 2]))),
  ),
};
