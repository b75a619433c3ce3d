import assert from "node:assert/strict";
import { Graph } from "../../../lib/graph/graph.ts";
import { sgdStep } from "../../../lib/training/step/sgd.ts";
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
