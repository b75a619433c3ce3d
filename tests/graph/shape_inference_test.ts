import assert from "node:assert/strict";
import fc from "fast-check";
import { Graph } from "../../lib/graph/graph.ts";
import * as o from "../../lib/graph/operators.ts";
import { broadcastShapes, inferOutputs } from "../../lib/graph/shape_inference.ts";

const graph = new Graph();
let inputs = 0;
const x = (...shape: number[]) => graph.input(`x${inputs++}`, "float32", shape);

Deno.test("broadcastShapes() follows NumPy", () => {
  assert.deepEqual(broadcastShapes([3, 1, 2], [4, 1]), [3, 4, 2]);
  assert.deepEqual(broadcastShapes([], [2]), [2]);
  assert.deepEqual(broadcastShapes([0], [1]), [0]);
  assert.throws(() => broadcastShapes([2, 3], [2]), {
    name: "RangeError",
    message: "Cannot broadcast [2,3] with [2]",
  });
});

Deno.test("broadcastShapes() is symmetric in its arguments", () =>
  fc.assert(fc.property(
    fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 }),
    fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    (shape, ones) => {
      const other = shape.map((extent, i) => ones[i] ? 1 : extent);
      assert.deepEqual(broadcastShapes(shape, other), shape);
      assert.deepEqual(broadcastShapes(other, shape), shape);
    },
  )));

const mistakes: [string, () => unknown, { name: string; message: string }][] = [
  ["shapes that do not broadcast", () => o.add(x(2, 3), x(2)), {
    name: "RangeError",
    message: "Cannot apply Add: Cannot broadcast [2,3] with [2]",
  }],
  ["types that differ", () => o.mul(x(2), graph.input("i", "int32", [2])), {
    name: "TypeError",
    message: "Cannot apply Mul: found types float32 and int32",
  }],
  ["a product of unequal lengths", () => o.matmul(x(2, 3), x(2, 3)), {
    name: "RangeError",
    message: "Cannot apply MatMul: found [2,3] times [2,3]",
  }],
  ["a shape that is not filled", () => o.reshape(x(2, 3), [4, 2]), {
    name: "RangeError",
    message: "Cannot apply Reshape: found [2,3], which does not fill [4,2]",
  }],
  ["concatenation of unequal extents", () => o.concat([x(2, 3), x(3, 3)], 1), {
    name: "RangeError",
    message: "Cannot apply Concat: found [2,3] and [3,3] on axis 1",
  }],
  ["parts that do not add up", () => o.split(x(5), [2, 2], 0), {
    name: "RangeError",
    message: "Cannot apply Split: found parts of 4 for an axis of 5",
  }],
  ["a kernel for other channels", () => o.conv(x(1, 3, 8, 8), x(4, 2, 3, 3)), {
    name: "RangeError",
    message: "Cannot apply Conv: found image [1,3,8,8], weight [4,2,3,3], group 1",
  }],
  ["a transposed kernel for other channels", () => o.convTranspose(x(1, 3, 8), x(2, 3, 2)), {
    name: "RangeError",
    message: "Cannot apply ConvTranspose: found image [1,3,8], weight [2,3,2]",
  }],
];

for (const [what, build, expected] of mistakes) {
  Deno.test(`inferOutputs() reports the operator and what it found: ${what}`, () => {
    assert.throws(build, expected);
  });
}

Deno.test("inferOutputs() rejects shapes that are not constant", () => {
  const shape = graph.input("shape", "int64", [1]);
  assert.throws(() => graph.add("Reshape", [x(2), shape]), {
    name: "TypeError",
    message: "Cannot apply Reshape: Cannot infer Reshape: its shape is not constant",
  });
});

Deno.test("inferOutputs() rejects unknown operators", () => {
  // @ts-expect-error: the compiler rejects it as well.
  assert.throws(() => inferOutputs("Gelu", [x(2)], {}), {
    name: "TypeError",
    message: 'Cannot infer the shape of operator "Gelu": not in the table',
  });
});
