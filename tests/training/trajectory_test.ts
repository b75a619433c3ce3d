import assert from "node:assert/strict";
import { sizeOf } from "../../lib/array/nd_array.ts";
import { encodeModel } from "../../lib/graph/encode.ts";
import { cpuLowerings } from "../../lib/lowering/cpu/lowerings.ts";
import { lower } from "../../lib/lowering/lower.ts";
import { parametersOf } from "../../lib/network/network.ts";
import { Session } from "../../lib/runtime/session.ts";
import { diceAndCrossEntropy } from "../../lib/training/step/losses.ts";
import { sgd } from "../../lib/training/step/sgd.ts";
import { trainingGraph } from "../../lib/training/step/step_graph.ts";
import { stepNames } from "../../lib/training/step/step_names.ts";
import { lcg } from "../golden/lcg.ts";
import golden from "../golden/trajectory.json" with { type: "json" };
import { goldenNetwork, goldenWeights } from "../network/networks.ts";

type Case = typeof golden.cases["3D isotropic"] & {
  clip?: number;
  labels?: number;
  regions?: number[][];
  ignore?: number;
};

function nextBatch({ batch, patch, channels, classes, labels }: Case, random: () => number) {
  const voxels = sizeOf(patch);
  const target = Uint8Array.from(
    { length: batch * voxels },
    () => Math.floor(random() * (labels ?? classes)),
  );
  const half = Math.floor(patch[0] / 2) * sizeOf(patch.slice(1));
  for (let n = 0; n < batch; n++) target.fill(1, n * voxels, n * voxels + half);
  const image = Float32Array.from({ length: batch * channels * voxels }, (_, i) => {
    const sample = Math.floor(i / (channels * voxels));
    return target[sample * voxels + i % voxels] + 2 * random() - 1;
  });
  return { image, target };
}

async function train(setting: Case) {
  const { patch, channels, batch, losses } = setting;
  const network = goldenNetwork(setting, true);
  const imageShape = [batch, channels, ...patch];
  const parameters = parametersOf(network, imageShape);
  const random = lcg(1);
  let weights = goldenWeights(parameters, random);
  let momentum = new Float32Array(weights.length);
  const { classes: count, ignore: ignoreLabel } = setting;
  const regions = setting.regions?.map((labels, i) => ({ labels, outputLabel: i + 1 }));
  const heads = { count, regions, ignoreLabel };
  const loss = diceAndCrossEntropy(heads, { batchDice: setting.batch_dice });
  const graph = trainingGraph(
    { network, parameters, loss, heads, imageShape },
    sgd({ maxGradientNorm: setting.clip }),
  );
  const session = await Session.create(encodeModel(lower(graph, cpuLowerings)), { threads: 1 });
  const found = [];
  const norms = [];
  for (let step = 0; step < losses.length; step++) {
    const { image, target } = nextBatch(setting, random);
    const vector = (data: Float32Array<ArrayBuffer>) =>
      ({ type: "float32", shape: [data.length], data }) as const;
    const results = await session.run({
      [stepNames.image]: { type: "float32", shape: imageShape, data: image },
      [stepNames.target]: { type: "uint8", shape: [batch, ...patch], data: target },
      [stepNames.weights]: vector(weights),
      [stepNames.momentum]: vector(momentum),
      [stepNames.learningRate]: { type: "float32", shape: [], data: Float32Array.of(0.01) },
    });
    found.push(Number(results[stepNames.loss].data[0]));
    norms.push(Number(results[stepNames.gradientNorm].data[0]));
    weights = results[stepNames.newWeights].data as Float32Array<ArrayBuffer>;
    momentum = results[stepNames.newMomentum].data as Float32Array<ArrayBuffer>;
  }
  await session.release();
  return { parameters, losses: found, norms, weights };
}

for (const [name, setting] of Object.entries(golden.cases)) {
  Deno.test(`20 training steps follow PyTorch's: ${name}`, async () => {
    const run = await train(setting as unknown as Case);
    assert.deepEqual(run.parameters.map((p) => p.name).sort(), setting.parameters);
    setting.losses.forEach((expected, step) => {
      const scale = Math.abs(expected);
      const error = Math.abs(run.losses[step] - expected) / scale;
      assert.ok(error <= 1e-3, `step ${step}: ${run.losses[step]} instead of ${expected}`);
      const normError = Math.abs(run.norms[step] / setting.gradientNorms[step] - 1);
      assert.ok(normError <= 1e-2, `gradient norm ${run.norms[step]} at step ${step}`);
    });
    let offset = 0;
    for (const { name, shape } of run.parameters) {
      const part = run.weights.subarray(offset, offset += sizeOf(shape));
      const squares = part.reduce((sum, w) => sum + w * w, 0);
      const expected = setting.finalSquares[name as keyof typeof setting.finalSquares] as number;
      assert.ok(Math.abs(squares - expected) <= 1e-3 * expected + 1e-4, `${name}: ${squares}`);
    }
  });
}
