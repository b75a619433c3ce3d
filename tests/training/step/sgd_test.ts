import assert from "node:assert/strict";
import { Graph } from "../../../lib/graph/graph.ts";
import { type SgdOptions, sgdStep } from "../../../lib/training/step/sgd.ts";
import { lcg } from "../../golden/lcg.ts";
import golden from "../../golden/training.json" with { type: "json" };
import { runGraph, tensor } from "../../graph/run_graph.ts";

function assertClose(actual: ArrayLike<unknown>, expected: readonly number[]) {
  assert.equal(actual.length, expected.length);
  expected.forEach((value, i) => {
    const error = Math.abs(Number(actual[i]) - value);
    assert.ok(error <= 2e-6 * Math.max(1, Math.abs(value)), `${actual[i]} instead of ${value}`);
  });
}

for (const [name, { gradientScale, steps }] of Object.entries(golden.sgd)) {
  Deno.test(`sgdStep() updates weights and momentum as PyTorch does: ${name} gradient`, async () => {
    const size = steps[0].weights.length;
    const random = lcg(5);
    const draw = (scale: number) => Array.from({ length: size }, () => (random() * 2 - 1) * scale);
    const graph = new Graph();
    const vector = (name: string) => graph.input(name, "float32", [size]);
    const step = sgdStep(
      vector("weights"),
      vector("momentum"),
      vector("gradient"),
      graph.input("rate", "float32", []),
    );
    for (const [name, value] of Object.entries(step)) graph.output(`new_${name}`, value);

    let weights = draw(1);
    let momentum = new Array<number>(size).fill(0);
    for (const expected of steps) {
      const feed = (data: readonly number[]) => tensor({ shape: [size], data });
      const found = await runGraph(graph, {
        weights: feed(weights),
        momentum: feed(momentum),
        gradient: feed(draw(gradientScale)),
        rate: tensor({ shape: [], data: [0.01] }),
      });
      weights = Array.from(found.new_weights.data, Number);
      momentum = Array.from(found.new_momentum.data, Number);
      assertClose(weights, expected.weights);
      assertClose(momentum, expected.momentum);
      assertClose(found.new_gradientNorm.data, [expected.norm]);
    }
    assert.equal(steps[0].norm > 12, name === "clipped");
  });
}

/** Returns weights and momentum after one step. */
async function stepOf(
  weights: number[],
  momentum: number[],
  gradient: number[],
  options: SgdOptions = {},
): Promise<number[][]> {
  const graph = new Graph();
  const vector = (name: string) => graph.input(name, "float32", [weights.length]);
  const step = sgdStep(
    vector("weights"),
    vector("momentum"),
    vector("gradient"),
    graph.input("rate", "float32", []),
    options,
  );
  graph.output("new_weights", step.weights);
  graph.output("new_momentum", step.momentum);
  const feed = (data: number[]) => tensor({ shape: [data.length], data });
  const found = await runGraph(graph, {
    weights: feed(weights),
    momentum: feed(momentum),
    gradient: feed(gradient),
    rate: tensor({ shape: [], data: [1] }),
  });
  return [found.new_weights, found.new_momentum].map(({ data }) => Array.from(data, Number));
}

// The expected values are those of torch.optim.SGD with nesterov=True and a learning rate of 1.

Deno.test("sgdStep() looks ahead along the momentum, which includes the decay", async () => {
  // The decayed gradient is 0.25 + 0.1·1 = 0.35, the momentum 0.5·0.5 + 0.35 = 0.6, and the
  // weight 1 − (0.35 + 0.5·0.6) = 0.35.
  const options = { momentum: 0.5, weightDecay: 0.1 };
  const [weights, momentum] = await stepOf([1], [0.5], [0.25], options);
  assertClose(weights, [0.35]);
  assertClose(momentum, [0.6]);
});

Deno.test("sgdStep() shrinks weights without a gradient by nnU-Net's decay", async () => {
  const within = (found: number[], expected: number[]) =>
    expected.forEach((value, i) => assert.ok(Math.abs(found[i] - value) < 2e-7, `${found}`));
  const [weights, momentum] = await stepOf([1, -2], [0, 0], [0, 0]);
  within(weights, [0.99994028, -1.99988055]);
  within(momentum, [3e-5, -6e-5]);
  const [later] = await stepOf(weights, momentum, [0, 0]);
  within(later, [0.99985117, -1.99970233]);
});
