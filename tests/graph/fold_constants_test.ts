import assert from "node:assert/strict";
import { encodeModel } from "../../lib/graph/encode.ts";
import { type ComputeConstants, foldConstants } from "../../lib/graph/fold_constants.ts";
import { Graph } from "../../lib/graph/graph.ts";
import * as o from "../../lib/graph/operators.ts";
import { runGraph } from "./run_graph.ts";

const compute: ComputeConstants = (graph) => runGraph(graph, {}) as ReturnType<ComputeConstants>;

Deno.test("foldConstants() keeps nodes that depend on inputs", async () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", [2, 2]);
  const weight = graph.constant("float32", [2, 2], Float32Array.of(1, 2, 3, 4), "weight");
  const doubled = o.mul(o.transpose(weight, [1, 0]), 2);
  graph.output("y", o.add(o.matmul(x, doubled), o.reduceSum(weight, [0])));
  graph.output("sum", o.reduceSum(weight, [0, 1]));

  const folded = await foldConstants(graph, compute);
  assert.deepEqual(folded.nodes.map(({ operator }) => operator), ["MatMul", "Add"]);
  const feeds = {
    x: { type: "float32", shape: [2, 2], data: Float32Array.of(1, 0, 1, 1) },
  } as const;
  const found = await runGraph(folded, feeds);
  assert.deepEqual([...found.y.data], [6, 12, 10, 20]);
  assert.deepEqual(found, await runGraph(graph, feeds));
  assert.equal(found.sum.data[0], 10);
  assert.ok(encodeModel(folded).length > 0);
});

Deno.test("foldConstants() computes nothing if every node depends on an input", async () => {
  const graph = new Graph();
  graph.output("y", o.add(graph.input("x", "float32", [1]), 1));
  assert.equal(await foldConstants(graph, () => assert.fail("Computed")), graph);
});
