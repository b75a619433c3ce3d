import assert from "node:assert/strict";
import { Graph } from "../../lib/graph/graph.ts";
import { livenessOf, neededNodes } from "../../lib/graph/liveness.ts";
import * as o from "../../lib/graph/operators.ts";

Deno.test("livenessOf() counts outputs from their node to the last one that reads them", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", [10]);
  const a = o.neg(x);
  const view = o.reshape(a, [2, 5]);
  const b = o.neg(o.neg(x));
  const sum = o.add(view, o.reshape(b, [2, 5]));
  graph.output("y", sum);
  const live = livenessOf(graph.nodes, graph.outputs.values());
  // a, its view, two nodes in sequence, a view of the second, the sum.
  assert.deepEqual(live.bytes, [40, 40, 80, 120, 80, 120]);
  assert.equal(live.ownerOf(view), a);
  assert.equal(live.made.get(b), 3);
  assert.equal(live.made.has(view), false);
  assert.equal(live.lastUse(a), 5);
  assert.equal(live.lastUse(sum), Infinity);
});

Deno.test("neededNodes() omits nodes that no result depends on", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", [10]);
  o.exp(o.neg(x));
  graph.output("y", o.sqrt(x));
  assert.deepEqual(
    neededNodes(graph.nodes, graph.outputs.values()).map(({ operator }) => operator),
    ["Sqrt"],
  );
});
