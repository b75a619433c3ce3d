import assert from "node:assert/strict";
import { decodeModel, encodeModel } from "../../lib/graph/encode.ts";
import { Graph } from "../../lib/graph/graph.ts";
import { mul, reshape, transpose } from "../../lib/graph/operators.ts";
import { Session } from "../../lib/runtime/session.ts";

/** Reshapes a large value and a small one. */
function exampleGraph() {
  const graph = new Graph();
  const x = graph.input("x", "float32", [300, 400]);
  const factor = graph.input("factor", "float32", []);
  const large = transpose(reshape(mul(x, factor), [400, 300]), [1, 0]);
  graph.output("large", large);
  graph.output("small", mul(reshape(factor, [1, 1]), 2));
  return graph;
}

Deno.test("encodeModel({ shapesInRun }) hides only the shapes of large values", () => {
  const reshapes = (shapesInRun: boolean) => {
    const { node, initializer } = decodeModel(encodeModel(exampleGraph(), {}, { shapesInRun }))
      .graph!;
    const constants = new Set(initializer.map(({ name }) => name));
    return node.filter(({ opType, output: [name] }) =>
      opType === "Reshape" && !name.startsWith("shapes_in_run")
    ).map(({ input: [, shape] }) => constants.has(shape));
  };
  assert.deepEqual(reshapes(false), [true, true]);
  assert.deepEqual(reshapes(true), [false, true]);
});

Deno.test("encodeModel({ shapesInRun }) does not change results", async () => {
  const data = Float32Array.from({ length: 120_000 }, (_, i) => i % 1009);
  const results = [];
  for (const shapesInRun of [false, true]) {
    for (const factor of [3, NaN]) {
      const session = await Session.create(encodeModel(exampleGraph(), {}, { shapesInRun }));
      results.push(
        await session.run({
          x: { type: "float32", shape: [300, 400], data },
          factor: { type: "float32", shape: [], data: Float32Array.of(factor) },
        }),
      );
      await session.release();
    }
  }
  assert.deepEqual(results.slice(2), results.slice(0, 2));
});

Deno.test("encodeModel({ shapesInRun }) works with NaN in the input", async () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", [300, 400]);
  graph.output("y", mul(reshape(x, [400, 300]), 2));
  const model = encodeModel(graph, {}, { shapesInRun: true });
  const { node } = decodeModel(model).graph!;
  assert.deepEqual(node.map(({ opType }) => opType), [
    "Slice",
    "Reshape",
    "ArgMax",
    "Add",
    "Reshape",
    "Mul",
  ]);
  const data = Float32Array.from({ length: 120_000 }, (_, i) => i === 0 ? NaN : i);
  const session = await Session.create(model);
  const { y } = await session.run({ x: { type: "float32", shape: [300, 400], data } });
  await session.release();
  assert.deepEqual(y.shape, [400, 300]);
  assert.deepEqual(y.data, data.map((value) => 2 * value));
});

Deno.test("encodeModel({ shapesInRun }) does not change a graph without float32 inputs", () => {
  const graph = new Graph();
  graph.output("y", reshape(graph.input("x", "int32", [300, 400]), [400, 300]));
  const { node } = decodeModel(encodeModel(graph, {}, { shapesInRun: true })).graph!;
  assert.deepEqual(node.map(({ opType }) => opType), ["Reshape"]);
});
