import assert from "node:assert/strict";
import { sizeOf } from "../../lib/array/nd_array.ts";
import { Graph, type Value } from "../../lib/graph/graph.ts";
import * as o from "../../lib/graph/operators.ts";
import { foldBatchNorm } from "../../lib/lowering/fold_batch_norm.ts";
import { lcg } from "../golden/lcg.ts";
import { runGraph, tensor } from "../graph/run_graph.ts";

const imageShape = [2, 3, 5, 6];

/** A convolution, with or without bias, and its normalisation; `use` makes the result. */
function normalizedConv(
  hasBias: boolean,
  use: (convolved: Value, normalized: Value) => Value = (_, normalized) => normalized,
) {
  const graph = new Graph("n");
  const random = lcg(4);
  const constant = (name: string, shape: readonly number[], lowest = -1) =>
    graph.constant(
      "float32",
      shape,
      Float32Array.from({ length: sizeOf(shape) }, () => lowest + 2 * random()),
      name,
    );
  const x = graph.input("x", "float32", imageShape);
  const bias = hasBias ? constant("bias", [4]) : null;
  const convolved = o.conv(x, constant("weight", [4, 3, 3, 3]), bias, { pads: [1, 1, 1, 1] });
  const normalized = o.batchNorm(
    convolved,
    constant("scale", [4]),
    constant("shift", [4]),
    constant("mean", [4]),
    constant("variance", [4], 0.1),
    1e-3,
  );
  graph.output("y", use(convolved, normalized));
  return graph;
}

async function run(graph: Graph) {
  const random = lcg(9);
  const data = Float32Array.from({ length: sizeOf(imageShape) }, () => 2 * random() - 1);
  return (await runGraph(graph, { x: tensor({ shape: imageShape, data }) })).y.data as Float32Array;
}

for (const hasBias of [true, false]) {
  Deno.test(`foldBatchNorm() makes one convolution, ${hasBias ? "with" : "without"} bias`, async () => {
    const graph = normalizedConv(hasBias);
    const folded = foldBatchNorm(graph);
    assert.deepEqual(folded.nodes.map(({ operator }) => operator), ["Conv"]);
    assert.equal(folded.constants.length, 2);
    const [expected, found] = [await run(graph), await run(folded)];
    expected.forEach((value, i) =>
      assert.ok(Math.abs(found[i] - value) < 1e-5 * Math.max(1, Math.abs(value)), `${found[i]}`)
    );
  });
}

Deno.test("foldBatchNorm() leaves a convolution whose result is used elsewhere as well", () => {
  const graph = normalizedConv(true, (convolved, normalized) => o.add(convolved, normalized));
  assert.equal(foldBatchNorm(graph), graph);
});

Deno.test("foldBatchNorm() leaves parameters that are not known yet", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", imageShape);
  const given = (name: string, shape: readonly number[]) =>
    graph.placeholder("float32", shape, name);
  const convolved = o.conv(x, given("w", [4, 3, 1, 1]), null);
  const [scale, shift, mean, variance] = ["s", "b", "m", "v"].map((name) => given(name, [4]));
  graph.output("y", o.batchNorm(convolved, scale, shift, mean, variance, 1e-5));
  assert.equal(foldBatchNorm(graph), graph);
});
