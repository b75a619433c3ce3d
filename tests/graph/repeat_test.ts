import assert from "node:assert/strict";
import { Graph } from "../../lib/graph/graph.ts";
import * as o from "../../lib/graph/operators.ts";
import { encodeRepeated } from "../../lib/graph/repeat.ts";
import { Session } from "../../lib/runtime/session.ts";

Deno.test("encodeRepeated() carries, stacks and shares inputs", async () => {
  const graph = new Graph();
  const state = graph.input("state", "float32", [2]);
  const batch = graph.input("batch", "float32", [2]);
  const rate = graph.input("rate", "float32", []);
  const next = o.add(state, o.mul(batch, rate));
  graph.output("new_state", next);
  graph.output("total", o.reduceSum(next));
  const model = encodeRepeated(graph, {
    times: 3,
    carried: { state: "new_state" },
    stacked: ["batch"],
  });
  const session = await Session.create(model, { threads: 1 });
  const { new_state, total } = await session.run({
    state: { type: "float32", shape: [2], data: Float32Array.of(1, 2) },
    batch: { type: "float32", shape: [3, 2], data: Float32Array.of(1, 1, 2, 2, 3, 3) },
    rate: { type: "float32", shape: [], data: Float32Array.of(10) },
  });
  await session.release();
  assert.deepEqual([...new_state.data], [61, 62]);
  assert.deepEqual({ shape: total.shape, data: [...total.data] }, {
    shape: [3],
    data: [23, 63, 123],
  });
});
