import assert from "node:assert/strict";
import { Graph } from "../../../lib/graph/graph.ts";
import type { AdamState } from "../../../lib/interop/optimizer_state.ts";
import { adam } from "../../../lib/training/step/adam.ts";
import { lcg } from "../../golden/lcg.ts";
import golden from "../../golden/training.json" with { type: "json" };
import { runGraph, tensor } from "../../graph/run_graph.ts";

type Step = typeof golden.adam.Adam[number] & { readonly largestSquares?: readonly number[] };

const size = golden.adam.Adam[0].weights.length;
const parameters = [{ name: "w", shape: [size], initialization: 0 }];
const rates = { learningRate: 0.01, initialLearningRate: 0.01 };

function assertClose(actual: ArrayLike<number>, expected: readonly number[]) {
  assert.equal(actual.length, expected.length);
  expected.forEach((value, i) => {
    assert.ok(Math.abs(actual[i] - value) <= 2e-6 * Math.max(0.1, Math.abs(value)), `${actual[i]}`);
  });
}

/** Runs steps with the gradients of `golden/training.py` and yields the state after each. */
async function* stepsOf(optimizer: ReturnType<typeof adam>, count: number) {
  const random = lcg(5);
  const draw = () => Float32Array.from({ length: size }, () => random() * 2 - 1);
  const graph = new Graph();
  const vector = (name: string, length: number) => graph.input(name, "float32", [length]);
  const step = optimizer.step(
    vector("weights", size),
    vector("state", optimizer.stateSize(size)),
    vector("gradient", size),
    graph.input("rate", "float32", []),
  );
  for (const [name, value] of Object.entries(step)) graph.output(`new_${name}`, value);
  let weights = draw();
  let state = new Float32Array(optimizer.stateSize(size));
  for (let i = 0; i < count; i++) {
    const feed = (data: Float32Array) => tensor({ shape: [data.length], data: [...data] });
    const found = await runGraph(graph, {
      weights: feed(weights),
      state: feed(state),
      gradient: feed(draw()),
      rate: tensor({ shape: [], data: [0.01] }),
    });
    weights = found.new_weights.data as typeof weights;
    state = found.new_state.data as typeof state;
    yield { weights, state, norm: Number(found.new_gradientNorm.data[0]) };
  }
}

const settings = {
  "Adam": { weightDecay: 0.1 },
  "AdamW with AMSGrad": { weightDecay: 0.1, decoupled: true, amsgrad: true },
};

for (const [name, steps] of Object.entries<readonly Step[]>(golden.adam)) {
  Deno.test(`adam() updates weights and means as PyTorch's ${name} does`, async () => {
    const optimizer = adam(settings[name as keyof typeof settings]);
    let i = 0;
    for await (const { weights, state, norm } of stepsOf(optimizer, steps.length)) {
      const expected = steps[i++];
      assertClose([norm], [expected.norm]);
      assertClose(weights, expected.weights);
      const record = optimizer.toRecord(state, parameters, rates) as AdamState;
      assert.equal(record.steps, i);
      const values = (of: AdamState["means"] | undefined) => of!.get("w")!.data as Float32Array;
      assertClose(values(record.means), expected.means);
      assertClose(values(record.squares), expected.squares);
      if (expected.largestSquares) {
        assertClose(values(record.largestSquares), expected.largestSquares);
      }
    }
    assert.equal(i, steps.length);
  });
}

Deno.test("adam() is restored from its record bit for bit", async () => {
  const optimizer = adam({ amsgrad: true });
  for await (const { state } of stepsOf(optimizer, 40)) {
    const record = optimizer.toRecord(state, parameters, rates);
    assert.deepEqual(optimizer.fromRecord(record, parameters), state);
  }
});

Deno.test("adam() starts afresh if there is no record or it is another optimiser's", () => {
  const fresh = new Float32Array(adam().stateSize(size));
  assert.deepEqual(adam().fromRecord(null, parameters), fresh);
  const momentumBuffers = new Map([["w", { shape: [size], data: new Float32Array(size).fill(1) }]]);
  const sgd = { ...rates, momentum: 0.9, weightDecay: 0, nesterov: true, momentumBuffers };
  assert.deepEqual(adam().fromRecord(sgd, parameters), fresh);
});

Deno.test("adam() clips the gradient to nnU-Net's norm of 12 before averaging it", async () => {
  const optimizer = adam({ weightDecay: 0 });
  const graph = new Graph();
  const length = optimizer.stateSize(2);
  const step = optimizer.step(
    graph.input("weights", "float32", [2]),
    graph.input("state", "float32", [length]),
    graph.input("gradient", "float32", [2]),
    graph.input("rate", "float32", []),
  );
  graph.output("state_after", step.state);
  const { state_after: { data } } = await runGraph(graph, {
    weights: tensor({ shape: [2], data: [0, 0] }),
    state: tensor({ shape: [length], data: new Float32Array(length) }),
    gradient: tensor({ shape: [2], data: [18, -24] }), // Norm 30.
    rate: tensor({ shape: [], data: [1] }),
  });
  const [mean0, mean1, square0, square1] = Array.from(data, Number);
  // A tenth of 18·12/30 and of −24·12/30; a thousandth of their squares.
  assertClose([mean0, mean1, square0, square1], [0.72, -0.96, 0.05184, 0.09216]);
});
