/** Steps of networks with buffers and random numbers: batch normalisation and dropout. */

import assert from "node:assert/strict";
import { encodeModel } from "../../../lib/graph/encode.ts";
import { cpuLowerings } from "../../../lib/lowering/cpu/lowerings.ts";
import { lower } from "../../../lib/lowering/lower.ts";
import {
  initialWeights,
  type Network,
  parametersOf,
  trainedOf,
} from "../../../lib/network/network.ts";
import { networkOf } from "../../../lib/network/network_of.ts";
import { createGenerator } from "../../../lib/random/generator.ts";
import { Session } from "../../../lib/runtime/session.ts";
import { adan } from "../../../lib/training/step/adan.ts";
import { randomInputs } from "../../../lib/training/step/random_inputs.ts";
import { trainingGraph } from "../../../lib/training/step/step_graph.ts";
import { stepNames } from "../../../lib/training/step/step_names.ts";
import type { StepRunnerOptions } from "../../../lib/training/step/step_runner.ts";
import {
  broughtTogether,
  bufferLayout,
  laidOut,
  layoutOf,
  trainedLayout,
} from "../../../lib/training/step/vector_layout.ts";
import { tensor } from "../../graph/run_graph.ts";
import { startTinySteps, tinyBatch, tinyParts } from "../tiny_steps.ts";

const network = networkOf({
  networkClassName: "PlainConvUNet",
  dimensions: 3,
  featuresPerStage: [4, 8],
  kernelSizes: [[3, 3, 3], [3, 3, 3]],
  strides: [[1, 1, 1], [2, 2, 2]],
  convsPerStage: [1, 2],
  convsPerStageDecoder: [1],
  normalization: { over: "batch", epsilon: 1e-5, affine: true },
  dropout: { probability: 0.4, wholeMaps: true },
}, { heads: 3, deepSupervision: true });
const parameters = parametersOf(network, tinyParts.imageShape);

/** Runs steps and returns their losses and the state after them. */
async function train(options: Partial<StepRunnerOptions> = {}, first = 0) {
  const runner = await startTinySteps({ network, ...options });
  try {
    const losses: number[] = [];
    for (let step = 0; step < 3; step++) {
      const position = { seed: 5, step: first + step };
      losses.push((await runner.train(tinyBatch(step), 0.01, position)).loss);
    }
    return { losses, ...await runner.state() };
  } finally {
    runner.close();
  }
}

Deno.test("parametersOf() lists buffers last", () => {
  const flags = parameters.map(({ trained = true }) => trained);
  assert.deepEqual(flags, flags.toSorted((a, b) => Number(b) - Number(a)));
  assert.ok(flags.includes(false));
});

Deno.test("StepRunner.trainSteps() gives each step its own random numbers", async () => {
  const expected = await train();
  assert.notDeepEqual((await train({}, 1)).losses, expected.losses);
  const runner = await startTinySteps({ network, stepsPerRun: 3 });
  try {
    const batches = [tinyBatch(0), tinyBatch(1), tinyBatch(2)];
    const losses = await runner.trainSteps(batches, 0.01, { seed: 5, step: 0 });
    assert.deepEqual({ losses, ...await runner.state() }, expected);
    await assert.rejects(runner.trainSteps(batches, 0.01), {
      name: "TypeError",
      message: /the network asks for random numbers/,
    });
  } finally {
    runner.close();
  }
});

Deno.test("StepRunner.validate() neither drops anything nor changes buffers", async () => {
  const runner = await startTinySteps({ network });
  try {
    const before = await runner.state();
    const [first, second] = [
      await runner.validate(tinyBatch(0)),
      await runner.validate(tinyBatch(0)),
    ];
    assert.deepEqual(second.step, first.step);
    assert.deepEqual(await runner.state(), before);
  } finally {
    runner.close();
  }
});

Deno.test("the scale of half precision leaves buffers to the network", async () => {
  const state = await train({ lossScaling: {} });
  const buffers = state.weights.subarray(state.momentum.length);
  // The last of a normalisation's buffers is its number of batches.
  assert.equal(buffers.at(-1), 3);
});

Deno.test("trainingGraph() rejects batch normalisation that is not told that it is trained", () => {
  const forgetful: Network = (image, parameter) => network(image, parameter);
  const parts = { ...tinyParts, network: forgetful };
  const specs = parametersOf(forgetful, tinyParts.imageShape);
  assert.throws(() => trainingGraph({ ...parts, parameters: specs }), {
    name: "TypeError",
    message: /does not update encoder\S+running_mean, expected it to pass its third argument/,
  });
});

Deno.test("trainingGraph() computes the same if every parameter starts a row", async () => {
  const optimizer = adan();
  const weights = initialWeights(parameters, createGenerator(1));
  const batch = tinyBatch(4);
  const run = async (row: number) => {
    const layout = layoutOf(parameters, row);
    const graph = trainingGraph({ ...tinyParts, network, parameters, row }, optimizer);
    const random = graph.inputs.filter(({ name }) => name.startsWith(stepNames.random));
    const state = new Float32Array(optimizer.stateSize(trainedLayout(layout).size));
    const laid = laidOut(weights, layout);
    const session = await Session.create(encodeModel(lower(graph, cpuLowerings)), { threads: 1 });
    const results = await session.run({
      ...randomInputs(random, { seed: 1, step: 1 }),
      [stepNames.image]: tensor({ shape: tinyParts.imageShape, data: batch.data }),
      [stepNames.target]: { type: "uint8", shape: [2, 8, 8, 8], data: batch.target.slice() },
      [stepNames.weights]: tensor({ shape: [laid.length], data: laid }),
      [stepNames.momentum]: tensor({ shape: [state.length], data: state }),
      [stepNames.learningRate]: tensor({ shape: [], data: [0.01] }),
    });
    await session.release();
    const read = (name: string) => results[name].data as Float32Array<ArrayBuffer>;
    assert.equal(
      bufferLayout(layout).parameters.length,
      parameters.length - trainedOf(parameters).length,
    );
    return {
      weights: broughtTogether(read(stepNames.newWeights), layout),
      state: broughtTogether(read(stepNames.newMomentum), trainedLayout(layout)),
    };
  };
  assert.deepEqual(await run(8), await run(1));
});
