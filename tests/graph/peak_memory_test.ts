import assert from "node:assert/strict";
import { Graph } from "../../lib/graph/graph.ts";
import * as o from "../../lib/graph/operators.ts";
import { peakMemory } from "../../lib/graph/peak_memory.ts";

Deno.test("peakMemory() counts values that are in memory at the same time", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", [10]); // 40 bytes throughout
  const a = o.neg(x); // 40
  const b = o.neg(a); // 40, and a is freed
  const wide = o.expand(o.reshape(b, [1, 10]), [5, 10]); // 200
  graph.output("y", o.reduceSum(wide, [0])); // 40, and b is freed
  const axes = [5, 10].length * 8 + 8; // The shape of expand, the axis of reduceSum.
  const shape = 2 * 8; // Of reshape.
  assert.deepEqual(peakMemory(graph), {
    bytes: 40 + axes + shape + 40 + 200,
    largestTensorBytes: 200,
  });
});

Deno.test("peakMemory() ignores values that no result depends on", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", [10]);
  o.expand(x, [1000, 10]);
  graph.output("y", o.neg(x));
  assert.deepEqual(peakMemory(graph), { bytes: 80, largestTensorBytes: 40 });
});
