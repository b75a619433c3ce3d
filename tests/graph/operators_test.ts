import assert from "node:assert/strict";
import { Graph } from "../../lib/graph/graph.ts";
import * as o from "../../lib/graph/operators.ts";
import type { HostTensor } from "../../lib/runtime/session.ts";
import { counting, operatorCases } from "./operator_cases.ts";
import { evaluate, runGraph } from "./run_graph.ts";

for (const [name, builds] of Object.entries(operatorCases)) {
  Deno.test(`${name}() infers the types and shapes that ONNX Runtime returns`, async () => {
    for (const build of builds) {
      const graph = new Graph();
      const feeds: Record<string, HostTensor> = {};
      const result = build((shape, type = "float32") => {
        const name = `x${graph.inputs.length}`;
        feeds[name] = counting(type, shape);
        return graph.input(name, type, shape);
      });
      const outputs = [result].flat();
      outputs.forEach((output, i) => graph.output(`y${i}`, output));
      const found = await runGraph(graph, feeds);
      const described = outputs.map((_, i) => found[`y${i}`]);
      assert.deepEqual(
        described.map(({ type, shape }) => ({ type, shape })),
        outputs.map(({ type, shape }) => ({ type, shape })),
      );
    }
  });
}

Deno.test("operators convert numbers to scalars of the other operand's type", async () => {
  const x = { shape: [3], data: [1, 2, 3] };
  const [a, b, c] = await evaluate([x], (v) => [o.sub(10, v), o.sub(v, 10), o.div(6, v)]);
  assert.deepEqual(Array.from(a.data, Number), [9, 8, 7]);
  assert.deepEqual(Array.from(b.data, Number), [-9, -8, -7]);
  assert.deepEqual(Array.from(c.data, Number), [6, 3, 2]);
  assert.throws(() => o.add(1, 2), {
    name: "TypeError",
    message: "Cannot apply Add to two numbers",
  });
  const flags = o.less(new Graph().input("x", "float32", [1]), 0);
  assert.throws(() => o.equal(flags, 1), {
    name: "TypeError",
    message: "Cannot make a bool constant of 1",
  });
});

Deno.test("slice() with a negative step reaches the first element", async () => {
  const x = { shape: [5], data: [0, 1, 2, 3, 4] };
  const [all, some] = await evaluate([x], (v) => [
    o.slice(v, [{ axis: 0, start: 4, step: -1 }]),
    o.slice(v, [{ axis: 0, start: 4, step: -3 }]),
  ]);
  assert.deepEqual(Array.from(all.data, Number), [4, 3, 2, 1, 0]);
  assert.deepEqual(Array.from(some.data, Number), [4, 1]);
});

Deno.test("operators that change nothing add no node", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", [2, 3]);
  assert.equal(o.reshape(x, [2, -1]), x);
  assert.equal(o.transpose(x, [0, 1]), x);
  assert.equal(o.expand(x, [2, 3]), x);
  assert.equal(o.cast(x, "float32"), x);
  assert.equal(o.concat([x], 0), x);
  assert.deepEqual(o.split(x, [3], 1), [x]);
  assert.equal(o.pad(x, [0, 0], [0, 0]), x);
  assert.deepEqual(graph.nodes, []);
});
