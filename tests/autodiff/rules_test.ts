import assert from "node:assert/strict";
import { sizeOf } from "../../lib/array/nd_array.ts";
import { gradients } from "../../lib/autodiff/backward.ts";
import { gradientRules } from "../../lib/autodiff/rules.ts";
import type { Value } from "../../lib/graph/graph.ts";
import * as o from "../../lib/graph/operators.ts";
import golden from "../golden/gradients.json" with { type: "json" };
import { evaluate, type Numbers } from "../graph/run_graph.ts";

type Build = (...values: Value[]) => Value;

/** The counterpart of every case in `golden/gradients.py`. */
const cases: Record<keyof typeof golden, Build> = {
  "add, broadcast": o.add,
  "sub, broadcast": o.sub,
  "mul, broadcast": o.mul,
  "div, broadcast": o.div,
  "max": o.max,
  "where": (a, b) => o.where(o.greater(a, b), a, o.mul(b, 2)),
  "neg": o.neg,
  "abs": o.abs,
  "exp": o.exp,
  "log": o.log,
  "sqrt": o.sqrt,
  "sigmoid": o.sigmoid,
  "identity": o.identity,
  "leakyRelu": (x) => o.leakyRelu(x, 0.01),
  "softmax": (x) => o.softmax(x, 1),
  "logSoftmax": (x) => o.logSoftmax(x, 1),
  "reduceSum over axes": (x) => o.reduceSum(x, [0, 2]),
  "reduceMean over all": (x) => o.reduceMean(x),
  "reduceSumSquare, axes kept": (x) => o.reduceSumSquare(x, [1], true),
  "topK": (x) => o.topK(x, 3, 1)[0],
  "matmul, broadcast": o.matmul,
  "reshape": (x) => o.reshape(x, [4, 6]),
  "transpose": (x) => o.transpose(x, [2, 0, 1]),
  "expand": (x) => o.expand(x, [2, 3, 4]),
  "concat": (a, b) => o.concat([a, b], 1),
  "split": (x) => {
    const [left, right] = o.split(x, [2, 2], 1);
    return o.sub(o.mul(left, 2), right);
  },
  "slice, steps": (x) =>
    o.slice(x, [{ axis: 1, start: 1, step: 3 }, { axis: 2, start: 0, end: 5, step: 2 }]),
  "slice, backwards": (x) => o.slice(x, [{ axis: 1, start: 3, step: -1 }]),
  "pad": (x) => o.pad(x, [0, 1], [3, 2]),
  "conv 3D": (x, w, b) => o.conv(x, w, b, { pads: [1, 1, 1, 1, 1, 1] }),
  "conv 3D, stride 2": (x, w, b) =>
    o.conv(x, w, b, { strides: [2, 2, 2], pads: [1, 1, 1, 1, 1, 1] }),
  "conv 3D, anisotropic": (x, w, b) =>
    o.conv(x, w, b, { strides: [1, 2, 2], pads: [0, 1, 1, 0, 1, 1] }),
  "conv 3D, 1x1x1": (x, w, b) => o.conv(x, w, b),
  "conv 3D, stride 3": (x, w, b) =>
    o.conv(x, w, b, { strides: [3, 3, 3], pads: [1, 1, 1, 1, 1, 1] }),
  "conv 2D": (x, w, b) => o.conv(x, w, b, { pads: [1, 1, 1, 1] }),
  "conv 2D, stride 2": (x, w, b) => o.conv(x, w, b, { strides: [2, 2], pads: [1, 1, 1, 1] }),
  "conv 2D, dilated": (x, w, b) => o.conv(x, w, b, { dilations: [2, 2], pads: [2, 2, 2, 2] }),
  "conv 2D, even kernel": (x, w, b) => o.conv(x, w, b, { strides: [2, 2] }),
  "convTranspose 3D": (x, w, b) => o.convTranspose(x, w, b, { strides: [2, 2, 2] }),
  "convTranspose 3D, anisotropic": (x, w, b) => o.convTranspose(x, w, b, { strides: [1, 2, 2] }),
  "convTranspose 2D": (x, w, b) => o.convTranspose(x, w, b, { strides: [2, 2] }),
  "averagePool 3D, anisotropic": (x) => o.averagePool(x, [1, 2, 3]),
  "averagePool 2D, with a rest": (x) => o.averagePool(x, [2, 2]),
  "instanceNorm 3D": (x, s, b) => o.instanceNorm(x, s, b, 1e-5),
  "instanceNorm 2D": (x, s, b) => o.instanceNorm(o.add(x, 3), s, b, 1e-5),
  "erf": o.erf,
  "layerNorm": (x, s, b) => o.layerNorm(o.add(x, 3), s, b, 1e-5),
  "attention": o.attention,
  "batchNorm 3D, own statistics": (x, s, b) => o.batchNormTraining(x, s, b, s, s, 1e-5)[0],
  "batchNorm 2D, own statistics as results": (x, s, b) => {
    const [y, mean, variance] = o.batchNormTraining(x, s, b, s, s, 1e-5);
    const wide = (value: Value) => o.reshape(value, [1, 2, 1, 1]);
    return o.add(o.mul(y, wide(mean)), wide(variance));
  },
  "batchNorm 2D, given statistics": (x, s, b, mean, variance) =>
    o.batchNorm(x, s, b, mean, variance, 1e-5),
};

/** Scalar Σ y · cotangent, whose gradient is the vector-Jacobian product. */
function contracted(y: Value, cotangent: Numbers): Value {
  const weights = y.graph.constant("float32", y.shape, Float32Array.from(cotangent.data));
  return o.reduceSum(o.mul(y, weights));
}

function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) {
  assert.equal(actual.length, expected.length);
  const largest = Math.max(1e-3, ...Array.from(expected, Math.abs));
  for (let i = 0; i < actual.length; i++) {
    const difference = Math.abs(actual[i] - expected[i]) / largest;
    assert.ok(
      difference <= tolerance,
      `element ${i}: ${actual[i]} instead of ${expected[i]}, ${difference} of the largest`,
    );
  }
}

// A wrong rule differs by several per cent of a case's largest value; float32 by far less.
const FLOAT32 = 2e-5;

for (const [name, build] of Object.entries(cases)) {
  const expected = golden[name as keyof typeof golden];

  Deno.test(`${name} has PyTorch's values and gradients`, async () => {
    const [y, ...dxs] = await evaluate(expected.inputs, (...inputs) => {
      const y = build(...inputs);
      return [y, ...gradients(contracted(y, expected.cotangent), inputs)];
    });
    assert.deepEqual(y.shape, expected.output.shape);
    assertClose(y.data as Float32Array, expected.output.data, FLOAT32);
    expected.gradients.forEach((gradient, i) => {
      assert.deepEqual(dxs[i].shape, gradient.shape);
      assertClose(dxs[i].data as Float32Array, gradient.data, FLOAT32);
    });
  });

  Deno.test(`${name} has the gradient of finite differences`, async () => {
    // Along a direction d: (L(x + h·d) − L(x − h·d)) / 2h against ⟨∇L, d⟩.
    const directions = expected.inputs.map(({ shape }, i) => ({
      shape,
      data: Array.from({ length: sizeOf(shape) }, (_, j) => Math.sin(1 + 7 * i + 3 * j)),
    }));
    const loss = (...inputs: Value[]) => contracted(build(...inputs), expected.cotangent);
    const shifted = (h: number) =>
      expected.inputs.map(({ shape, data }, i) => ({
        shape,
        data: data.map((value, j) => value + h * directions[i].data[j]),
      }));
    const h = 1e-3;
    const at = async (step: number) =>
      Number((await evaluate(shifted(step), (...x) => [loss(...x)]))[0].data[0]);
    const slope = (await at(h) - await at(-h)) / (2 * h);
    const dxs = await evaluate(expected.inputs, (...x) => gradients(loss(...x), x));
    const inner = dxs.map(({ data }, i) =>
      directions[i].data.reduce((sum, d, j) => sum + d * Number(data[j]), 0)
    ).reduce((a, b) => a + b);
    const scale = dxs.flatMap(({ data }, i) =>
      directions[i].data.map((d, j) => Math.abs(d * Number(data[j])))
    ).reduce((a, b) => a + b);
    // Float32 leaves about 1e-3 of the loss's terms in a difference over 2e-3.
    assert.ok(Math.abs(slope - inner) <= 0.01 * scale + 1e-3, `slope ${slope}, gradient ${inner}`);
  });
}

Deno.test("every gradient rule has a case against PyTorch", async () => {
  const covered = new Set<string>();
  for (const [name, build] of Object.entries(cases)) {
    await evaluate(golden[name as keyof typeof golden].inputs, (...inputs) => {
      const y = build(...inputs);
      for (const { operator } of y.graph.nodes) covered.add(operator);
      return [y];
    });
  }
  assert.deepEqual(Object.keys(gradientRules).filter((rule) => !covered.has(rule)), []);
});
