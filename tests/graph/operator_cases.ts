/** Lists small uses of every operator, for the tests that run them all. */

import type { DataType } from "../../lib/array/data_type.ts";
import { sizeOf } from "../../lib/array/nd_array.ts";
import type { Value } from "../../lib/graph/graph.ts";
import * as o from "../../lib/graph/operators.ts";
import type { HostTensor } from "../../lib/runtime/session.ts";

/** Builds values from a graph's inputs; they are computed and compared with the inferred shapes. */
export type Build = (input: (shape: number[], type?: DataType) => Value) => Value | Value[];

/** Several uses of every operator, including broadcasting, axes and optional arguments. */
export const operatorCases: Record<keyof typeof o, Build[]> = {
  neg: [(x) => o.neg(x([2, 3]))],
  abs: [(x) => o.abs(x([2, 3]))],
  exp: [(x) => o.exp(x([]))],
  erf: [(x) => o.erf(x([4]))],
  log: [(x) => o.log(x([4]))],
  sqrt: [(x) => o.sqrt(x([4]))],
  sigmoid: [(x) => o.sigmoid(x([4]))],
  identity: [(x) => o.identity(x([4], "uint8"))],
  not: [(x) => o.not(o.less(x([4]), 2))],
  add: [(x) => o.add(x([2, 1, 3]), x([4, 1])), (x) => o.add(1, x([2], "int32"))],
  sub: [(x) => o.sub(x([3]), x([2, 3])), (x) => o.sub(x([]), 2)],
  mul: [(x) => o.mul(x([]), x([2, 3]))],
  div: [(x) => o.div(x([2, 3]), x([2, 1]))],
  max: [(x) => o.max(x([2, 3]), x([3]))],
  min: [(x) => o.min(x([2, 3]), 1)],
  equal: [(x) => o.equal(x([2, 1], "int32"), x([1, 3], "int32"))],
  greater: [(x) => o.greater(x([2, 1]), x([3]))],
  less: [(x) => o.less(x([2]), 1)],
  sum: [(x) => o.sum([x([2]), x([2]), x([2])]), (x) => o.neg(o.sum([x([2])]))],
  where: [(x) => o.where(o.less(x([2, 1]), 2), x([1, 3]), 0)],
  clip: [(x) => o.clip(x([2, 3]), 1, 4)],
  cast: [(x) => o.cast(x([2]), "int64"), (x) => o.cast(x([2], "uint8"), "float32")],
  leakyRelu: [(x) => o.leakyRelu(x([2]), 0.1)],
  hardSigmoid: [(x) => o.hardSigmoid(x([2]), 0.1, 0.5)],
  softmax: [(x) => o.softmax(x([2, 3]), 1)],
  logSoftmax: [(x) => o.logSoftmax(x([2, 3]), 0)],
  reduceSum: [
    (x) => o.reduceSum(x([2, 3, 4])),
    (x) => o.reduceSum(x([2, 3, 4]), [0, 2]),
    (x) => o.reduceSum(x([2, 3, 4]), [1], true),
  ],
  reduceMean: [
    (x) => o.reduceMean(x([2, 3]), [-1]),
    (x) => o.reduceMean(x([2, 3]), undefined, true),
  ],
  reduceMax: [(x) => o.reduceMax(x([2, 3, 4]), [1], true)],
  reduceMin: [(x) => o.reduceMin(x([2, 3, 4]), [1], true)],
  reduceSumSquare: [(x) => o.reduceSumSquare(x([2, 3]), [1])],
  topK: [
    (x) => [...o.topK(x([7]), 3, 0)],
    (x) => [...o.topK(x([2, 3, 4]), 2, 1)],
  ],
  scatterElements: [
    (x) => {
      const [values, places] = o.topK(x([2, 5]), 2, 1);
      return o.scatterElements(x([2, 5]), places, values, 1);
    },
  ],
  argMax: [(x) => o.argMax(x([2, 3, 4]), 1)],
  reshape: [
    (x) => o.reshape(x([2, 6]), [3, -1]),
    (x) => o.reshape(x([1]), []),
    (x) => o.reshape(x([2, 6]), [0, 2, -1]),
  ],
  transpose: [(x) => o.transpose(x([2, 3, 4]), [2, 0, 1])],
  expand: [(x) => o.expand(x([2, 1]), [3, 2, 4])],
  concat: [(x) => o.concat([x([2, 3]), x([2, 1])], 1)],
  split: [(x) => o.split(x([2, 7]), [2, 1, 4], 1)],
  slice: [
    (x) => o.slice(x([5, 6]), [{ axis: 1, start: 1, end: 5, step: 2 }, { axis: 0, start: 2 }]),
    (x) => o.slice(x([5]), [{ axis: 0, start: 3, step: -1 }]),
    (x) => o.slice(x([5]), [{ axis: 0, start: 4, step: -3 }]),
    (x) => o.slice(x([5]), [{ axis: 0, start: -2, end: 99 }]),
  ],
  gather: [(x) => o.gather(x([3, 2]), [2, 0, 0, 1], 0), (x) => o.gather(x([2, 3, 2]), [2], 1)],
  pad: [(x) => o.pad(x([2, 3]), [1, 0], [0, 4])],
  matmul: [(x) => o.matmul(x([5, 1, 2, 3]), x([4, 3, 6]))],
  matmulTransposed: [(x) => o.matmulTransposed(x([2, 4, 3]), x([2, 5, 3]))],
  conv: [
    (x) => o.conv(x([2, 3, 9, 8, 7]), x([4, 3, 3, 1, 3]), x([4]), { pads: [1, 0, 1, 1, 0, 1] }),
    (x) => o.conv(x([1, 2, 9, 8]), x([4, 2, 3, 3]), null, { strides: [2, 3], pads: [1, 0, 2, 1] }),
    (x) => o.conv(x([1, 4, 9, 9]), x([6, 2, 3, 2]), x([6]), { group: 2, dilations: [2, 3] }),
  ],
  convTranspose: [
    (x) => o.convTranspose(x([1, 3, 2, 3, 4]), x([3, 2, 1, 2, 2]), x([2]), { strides: [1, 2, 2] }),
    (x) =>
      o.convTranspose(x([1, 4, 5, 5]), x([4, 3, 3, 3]), null, {
        strides: [2, 2],
        pads: [1, 0, 1, 1],
        outputPadding: [1, 0],
        group: 2,
        dilations: [1, 2],
      }),
  ],
  attention: [(x) => o.attention(x([2, 3, 5, 4]), x([2, 3, 6, 4]), x([2, 3, 6, 2]))],
  averagePool: [
    (x) => o.averagePool(x([2, 3, 4, 6, 3]), [1, 2, 3]),
    (x) => o.averagePool(x([1, 2, 5, 4]), [2, 2]),
  ],
  instanceNorm: [(x) => o.instanceNorm(x([2, 3, 4, 4]), x([3]), x([3]), 1e-5)],
  layerNorm: [(x) => o.layerNorm(x([2, 4, 6]), x([6]), x([6]), 1e-5)],
  batchNorm: [(x) => o.batchNorm(x([2, 3, 4]), x([3]), x([3]), x([3]), x([3]), 1e-5)],
  batchNormTraining: [
    (x) => o.batchNormTraining(x([2, 3, 4, 4]), x([3]), x([3]), x([3]), x([3]), 1e-5),
  ],
  scalar: [(x) => o.mul(x([2]), o.scalar(x([1]).graph, 3))],
  integers: [(x) => o.identity(o.integers(x([1]).graph, [3, 4]))],
};

/** 1 to 7, repeated. */
export function counting(type: DataType, shape: readonly number[]): HostTensor {
  const values = Array.from({ length: sizeOf(shape) }, (_, i) => i % 7 + 1);
  switch (type) {
    case "int32":
      return { type, shape, data: Int32Array.from(values) };
    case "uint8":
      return { type, shape, data: Uint8Array.from(values) };
    default:
      return { type, shape, data: Float32Array.from(values) };
  }
}
