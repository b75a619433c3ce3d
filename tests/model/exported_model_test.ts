/** Compares an exported model's averages and probabilities with ones computed here. */

import assert from "node:assert/strict";
import { sizeOf } from "../../lib/array/nd_array.ts";
import type { DatasetJson } from "../../lib/files/dataset.ts";
import { exportedModel } from "../../lib/model/exported_model.ts";
import { modelFacts } from "../../lib/model/model_facts.ts";
import { initialWeights, parametersOf } from "../../lib/network/network.ts";
import { networkOf } from "../../lib/network/network_of.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import { Session } from "../../lib/runtime/session.ts";
import { parametersByName } from "../../lib/training/step/flat_parameters.ts";
import golden from "../golden/plans.json" with { type: "json" };
import { tensor } from "../graph/run_graph.ts";
import { planOfGolden } from "../planning/golden_plans.ts";

const { input } = golden.cases.find(({ name }) => name === "tiny")!;
const plansData = planOfGolden({ ...input, baseFeatures: 4 });
const configuration = plansData.configurations["2d"]!;
const { patchSize: [height, width] } = configuration;
const voxels = sizeOf(configuration.patchSize);
const generator = createGenerator(3);
const image = Float32Array.from({ length: voxels }, () => generator.normal());

/** Makes a model of random weights and runs its exports. */
function modelOf(labels: Pick<DatasetJson, "labels" | "regionsClassOrder">) {
  const datasetJson = { channelNames: ["MRI"], numTraining: 1, fileEnding: ".nii.gz", ...labels };
  const facts = modelFacts({ plansData, configuration, datasetJson, mirrorAxes: [0, 1] });
  const network = networkOf(configuration.architecture, {
    heads: facts.heads.count,
    deepSupervision: false,
  });
  const parameters = parametersOf(network, [1, 1, height, width]);
  const weights = parametersByName(parameters, initialWeights(parameters, createGenerator(1)));
  return async (data: Float32Array, options: Parameters<typeof exportedModel>[2]) => {
    const session = await Session.create(exportedModel(facts, weights, options), { threads: 1 });
    try {
      const results = await session.run({ image: tensor({ shape: [1, 1, height, width], data }) });
      return Object.fromEntries(
        Object.entries(results).map(([name, { data }]) => [name, Array.from(data, Number)]),
      );
    } finally {
      await session.release();
    }
  };
}

/** Mirrors every channel of (c, y, x). */
const flipped = (values: ArrayLike<number>, alongY: boolean, alongX: boolean) =>
  Float32Array.from(values, (_, i) => {
    const channel = Math.floor(i / voxels), y = Math.floor(i / width) % height, x = i % width;
    const row = alongY ? height - 1 - y : y, column = alongX ? width - 1 - x : x;
    return values[channel * voxels + row * width + column];
  });

function assertClose(found: readonly number[], expected: readonly number[]) {
  assert.equal(found.length, expected.length);
  expected.forEach((value, i) =>
    assert.ok(Math.abs(found[i] - value) < 2e-5, `${i}: ${found[i]}, expected ${value}`)
  );
}

Deno.test("exportedModel() with mirroring gives the mean of the logits of all mirrored views", async () => {
  const run = modelOf({ labels: { background: 0, a: 1, b: 2 } });
  const mean = new Array<number>(3 * voxels).fill(0);
  for (const [alongY, alongX] of [[false, false], [true, false], [false, true], [true, true]]) {
    const { logits } = await run(flipped(image, alongY, alongX), {});
    flipped(logits, alongY, alongX).forEach((value, i) => mean[i] += value / 4);
  }
  const { logits, probabilities } = await run(image, { mirroring: true });
  assertClose(logits, mean);
  assert.equal(probabilities, undefined);
  const { logits: single } = await run(image, {});
  assert.ok(single.some((value, i) => Math.abs(value - mean[i]) > 0.01));
});

Deno.test("exportedModel() with probabilities gives the softmax over labels", async () => {
  const run = modelOf({ labels: { background: 0, a: 1, b: 2 } });
  const { logits, probabilities } = await run(image, { probabilities: true });
  const sums = Array.from(
    { length: voxels },
    (_, i) => [0, 1, 2].reduce((sum, head) => sum + Math.exp(logits[head * voxels + i]), 0),
  );
  assertClose(probabilities, logits.map((value, i) => Math.exp(value) / sums[i % voxels]));
});

Deno.test("exportedModel() with probabilities gives the sigmoid of each region", async () => {
  const labels = { background: 0, whole: [1, 2], core: 2 };
  const run = modelOf({ labels, regionsClassOrder: [1, 2] });
  const { logits, probabilities } = await run(image, { probabilities: true });
  assert.equal(logits.length, 2 * voxels);
  assertClose(probabilities, logits.map((value) => 1 / (1 + Math.exp(-value))));
});
