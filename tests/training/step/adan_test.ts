import assert from "node:assert/strict";
import { Graph } from "../../../lib/graph/graph.ts";
import type { AdanState } from "../../../lib/interop/optimizer_state.ts";
import { adan } from "../../../lib/training/step/adan.ts";
import { lcg } from "../../golden/lcg.ts";
import golden from "../../golden/training.json" with { type: "json" };
import { runGraph, tensor } from "../../graph/run_graph.ts";

const size = golden.adan[0].weights.length;
const parameters = [{ name: "w", shape: [size], initialization: 0 }];
const rates = { learningRate: 0.01, initialLearningRate: 0.01 };

function assertClose(actual: ArrayLike<number>, expected: readonly number[]) {
  assert.equal(actual.length, expected.length);
  expected.forEach((value, i) => {
    assert.ok(
      Math.abs(actual[i] - value) <= 2e-6 * Math.max(0.1, Math.abs(value)),
      `${actual[i]} instead of ${value}`,
    );
  });
}

/** Runs steps with the gradients of `golden/training.py` and yields the state after each. */
async function* stepsOf(
  optimizer: ReturnType<typeof adan>,
  count: number,
  scale = 1,
) {
  const random = lcg(5);
  const draw = (factor: number) =>
    Float32Array.from({ length: size }, () => (random() * 2 - 1) * factor);
  const graph = new Graph();
  const vector = (name: string, length: number) => graph.input(name, "float32", [length]);
  const step = optimizer.step(
    vector("weights", size),
    vector("state", optimizer.stateSize(size)),
    vector("gradient", size),
    graph.input("rate", "float32", []),
  );
  for (const [name, value] of Object.entries(step)) graph.output(`new_${name}`, value);
  let weights = draw(1);
  let state = new Float32Array(optimizer.stateSize(size));
  for (let i = 0; i < count; i++) {
    const feed = (data: Float32Array) => tensor({ shape: [data.length], data: [...data] });
    const found = await runGraph(graph, {
      weights: feed(weights),
      state: feed(state),
      gradient: feed(draw(scale)),
      rate: tensor({ shape: [], data: [0.01] }),
    });
    weights = found.new_weights.data as typeof weights;
    state = found.new_state.data as typeof state;
    yield { weights, state, norm: Number(found.new_gradientNorm.data[0]) };
  }
}

Deno.test("adan() updates weights and means as adan-pytorch does", async () => {
  const optimizer = adan({ weightDecay: 0.1 });
  let i = 0;
  for await (const { weights, state, norm } of stepsOf(optimizer, golden.adan.length)) {
    const expected = golden.adan[i++];
    assertClose([norm], [expected.norm]);
    assertClose(weights, expected.weights);
    const record = optimizer.toRecord(state, parameters, rates) as AdanState;
    assert.equal(record.steps, i);
    for (const name of ["previousGradients", "means", "differences", "squares"] as const) {
      assertClose(record[name].get("w")!.data as Float32Array, expected[name]);
    }
  }
  assert.equal(i, golden.adan.length);
});

Deno.test("adan() is restored from its record bit for bit", async () => {
  const optimizer = adan();
  for await (const { state } of stepsOf(optimizer, 20)) {
    const record = optimizer.toRecord(state, parameters, rates);
    assert.deepEqual(optimizer.fromRecord(record, parameters), state);
  }
});

Deno.test("adan() starts afresh if there is no record or it is another optimiser's", () => {
  const fresh = new Float32Array(adan().stateSize(size));
  assert.deepEqual(adan().fromRecord(null, parameters), fresh);
  const momentumBuffers = new Map([["w", { shape: [size], data: new Float32Array(size).fill(1) }]]);
  const sgd = { ...rates, momentum: 0.9, weightDecay: 0, nesterov: true, momentumBuffers };
  assert.deepEqual(adan().fromRecord(sgd, parameters), fresh);
});

Deno.test("adan() clips the gradient to nnU-Net's norm of 12 before using it", async () => {
  const optimizer = adan();
  for await (const { state, norm } of stepsOf(optimizer, 2, 100)) {
    assert.ok(norm > 12);
    const kept = Math.hypot(...state.subarray(0, size));
    assert.ok(Math.abs(kept - 12) < 1e-4, `${kept}`);
  }
});
