import assert from "node:assert/strict";
import { encodeModel } from "../../../lib/graph/encode.ts";
import { halveFor, lowerFor } from "../../../lib/lowering/for_device.ts";
import { initialWeights, parametersOf } from "../../../lib/network/network.ts";
import { createGenerator } from "../../../lib/random/generator.ts";
import { type HostTensor, Session } from "../../../lib/runtime/session.ts";
import { adam } from "../../../lib/training/step/adam.ts";
import { initialScaling } from "../../../lib/training/step/loss_scaling.ts";
import type { Optimizer } from "../../../lib/training/step/optimizer.ts";
import { sgd } from "../../../lib/training/step/sgd.ts";
import { trainingGraph } from "../../../lib/training/step/step_graph.ts";
import { stepNames } from "../../../lib/training/step/step_names.ts";
import { broughtTogether, laidOut, layoutOf } from "../../../lib/training/step/vector_layout.ts";
import { tinyBatch, tinyParts } from "../../training/tiny_steps.ts";

/** Computes losses and weights of some steps on the CPU with a device's lowerings. */
async function steps(device: "cpu" | "cuda", optimizer: Optimizer, half: boolean) {
  const parameters = parametersOf(tinyParts.network, tinyParts.imageShape);
  const row = device === "cuda" ? 256 : 1;
  const layout = layoutOf(parameters, row);
  const training = trainingGraph(
    { ...tinyParts, parameters, row },
    optimizer,
    half ? {} : undefined,
  );
  const session = await Session.create(
    encodeModel(lowerFor(device, half ? halveFor(device, training) : training)),
    { threads: 1 },
  );
  const vector = (data: Float32Array<ArrayBuffer>): HostTensor => ({
    type: "float32",
    shape: [data.length],
    data,
  });
  let weights = laidOut(initialWeights(parameters, createGenerator(0)), layout);
  let momentum = new Float32Array(optimizer.stateSize(layout.size));
  const losses: number[] = [];
  for (let step = 0; step < 4; step++) {
    const { data, target, shape: { batchSize, patchSize } } = tinyBatch(step);
    const results = await session.run({
      [stepNames.image]: { type: "float32", shape: tinyParts.imageShape, data },
      [stepNames.target]: { type: "uint8", shape: [batchSize, ...patchSize], data: target },
      [stepNames.weights]: vector(weights),
      [stepNames.momentum]: vector(momentum),
      [stepNames.learningRate]: { type: "float32", shape: [], data: Float32Array.of(0.01) },
      ...half && { [stepNames.scaling]: vector(initialScaling()) },
    });
    losses.push(Number(results[stepNames.loss].data[0]));
    weights = results[stepNames.newWeights].data as typeof weights;
    momentum = results[stepNames.newMomentum].data as typeof momentum;
  }
  await session.release();
  return { losses, weights: broughtTogether(weights, layout) };
}

for (const [name, optimizer] of Object.entries({ sgd: sgd(), adam: adam({ amsgrad: true }) })) {
  for (const half of [false, true]) {
    const tolerance = half ? 1e-2 : 1e-5;
    Deno.test(`steps with CUDA's lowerings agree: ${name}${half ? ", half precision" : ""}`, async () => {
      const expected = await steps("cpu", optimizer, false);
      const found = await steps("cuda", optimizer, half);
      found.losses.forEach((loss, i) =>
        assert.ok(Math.abs(loss - expected.losses[i]) <= tolerance * Math.abs(expected.losses[i]))
      );
      // Adam takes full steps along gradients that consist of rounding only, as those of a bias
      // before a normalisation do; no loss depends on them.
      if (name === "adam") return;
      const scale = expected.weights.reduce((top, w) => Math.max(top, Math.abs(w)), 0);
      found.weights.forEach((w, i) =>
        assert.ok(Math.abs(w - expected.weights[i]) <= tolerance * scale)
      );
    });
  }
}
