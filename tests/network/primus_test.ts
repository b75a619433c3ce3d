import assert from "node:assert/strict";
import { type Shape, sizeOf } from "../../lib/array/nd_array.ts";
import { gradients } from "../../lib/autodiff/backward.ts";
import { encodeModel } from "../../lib/graph/encode.ts";
import { Graph, type Value } from "../../lib/graph/graph.ts";
import { cpuLowerings } from "../../lib/lowering/cpu/lowerings.ts";
import { lower } from "../../lib/lowering/lower.ts";
import { inferenceModel, inferenceNames } from "../../lib/model/inference_graph.ts";
import {
  initialWeights,
  type Network,
  parametersOf,
  type ParameterSpec,
} from "../../lib/network/network.ts";
import { primus, primusModels } from "../../lib/network/primus.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import { type HostTensor, Session } from "../../lib/runtime/session.ts";
import { adam } from "../../lib/training/step/adam.ts";
import { parametersByName } from "../../lib/training/step/flat_parameters.ts";
import { diceAndCrossEntropy } from "../../lib/training/step/losses.ts";
import { trainingGraph } from "../../lib/training/step/step_graph.ts";
import { stepNames } from "../../lib/training/step/step_names.ts";
import { lcg } from "../golden/lcg.ts";
import golden from "../golden/primus.json" with { type: "json" };
import { runGraph, tensor } from "../graph/run_graph.ts";

type Some = {
  readonly every: number;
  readonly values: readonly number[];
  readonly squares: number;
};

interface Case {
  readonly patch: readonly number[];
  readonly channels: number;
  readonly classes: number;
  readonly batch: number;
  /** Feature maps of the stem's stages, without the first resolution's for version 2. */
  readonly stem?: readonly number[];
  readonly features: number;
  readonly depth: number;
  readonly attentionHeads: number;
  readonly parameters: readonly (readonly [string, readonly number[]])[];
  readonly initialDeviations: Readonly<Record<string, number>>;
  readonly logits: Some;
  readonly losses: readonly number[];
  readonly gradientNorms: readonly number[];
  readonly gradients: Readonly<Record<string, Some>>;
  readonly weights: Readonly<Record<string, Some>>;
}

const cases = golden.cases as unknown as Readonly<Record<string, Case>>;

function networkOf(name: string, setting: Case, dropPathRate?: number): Network {
  const { classes: heads, features, depth, attentionHeads, stem } = setting;
  return primus({
    heads,
    features,
    depth,
    attentionHeads,
    dropPathRate,
    stem: stem && {
      features: stem,
      slope: name === "PrimusV2" ? 0 : 0.01,
      skips: name === "PrimusV3",
    },
  });
}

const shapeOf = ({ batch, channels, patch }: Case) => [batch, channels, ...patch];

/** Returns the weights of `golden/primus.py`, in the network's order. */
function weightsOf(parameters: readonly ParameterSpec[], random: () => number) {
  const byName = new Map<string, Float32Array>();
  for (const { name, shape } of parameters.toSorted((a, b) => a.name < b.name ? -1 : 1)) {
    const scale = shape.length > 1 ? Math.sqrt(24 / sizeOf(shape.slice(1))) : 0.2;
    const centre = shape.length === 1 && name.endsWith("weight") ? 1 : 0;
    const draw = () => centre + (random() - 0.5) * scale;
    byName.set(name, Float32Array.from({ length: sizeOf(shape) }, draw));
  }
  return Float32Array.from(parameters.flatMap(({ name }) => [...byName.get(name)!]));
}

function nextBatch({ batch, patch, channels, classes }: Case, random: () => number) {
  const voxels = sizeOf(patch);
  const target = Uint8Array.from({ length: batch * voxels }, () => Math.floor(random() * classes));
  const half = Math.floor(patch[0] / 2) * sizeOf(patch.slice(1));
  for (let n = 0; n < batch; n++) target.fill(1, n * voxels, n * voxels + half);
  const image = Float32Array.from({ length: batch * channels * voxels }, (_, i) => {
    const sample = Math.floor(i / (channels * voxels));
    return target[sample * voxels + i % voxels] + 2 * random() - 1;
  });
  return { image, target };
}

function prepared(name: string) {
  const setting = cases[name];
  const network = networkOf(name, setting);
  const parameters = parametersOf(network, shapeOf(setting));
  const random = lcg(1);
  return { setting, network, parameters, weights: weightsOf(parameters, random), random };
}

/** Compares elements relative to the root mean square of a golden array, `largest` at least. */
function assertSome(
  actual: ArrayLike<number>,
  { every, values, squares }: Some,
  tolerance: number,
  least: number,
  what: string,
) {
  const scale = Math.max(Math.sqrt(squares / actual.length), least);
  values.forEach((expected, i) => {
    const difference = Math.abs(actual[i * every] - expected);
    assert.ok(
      difference <= tolerance * scale,
      `${what}, element ${i * every}: ${actual[i * every]} instead of ${expected}`,
    );
  });
  const found = Array.from(actual).reduce((sum, value) => sum + value * value, 0);
  const deviation = Math.abs(Math.sqrt(found) - Math.sqrt(squares)) / Math.sqrt(actual.length);
  assert.ok(deviation <= tolerance * scale, `${what}: sum of squares ${found}, not ${squares}`);
}

for (const name of Object.keys(cases)) {
  Deno.test(`primus() has PyTorch's parameters: ${name}`, () => {
    const { setting, parameters } = prepared(name);
    const found = parameters.map(({ name, shape }) => [name, shape]);
    const sorted = (all: readonly (readonly unknown[])[]) => all.map((one) => `${one}`).sort();
    assert.deepEqual(sorted(found), sorted(setting.parameters));
    // Thousands of numbers have the deviation that they are drawn with within a few per cent.
    const drawn = parametersByName(parameters, initialWeights(parameters, createGenerator(1)));
    for (const [parameter, expected] of Object.entries(setting.initialDeviations)) {
      const { data } = drawn.get(parameter)!;
      const deviation = Math.sqrt(data.reduce((sum, value) => sum + value ** 2, 0) / data.length);
      assert.ok(Math.abs(deviation / expected - 1) < 0.12, `${parameter}: ${deviation}`);
    }
  });

  Deno.test(`primus() computes PyTorch's logits in a model: ${name}`, async () => {
    const { setting, network, parameters, weights, random } = prepared(name);
    const { image } = nextBatch(setting, random);
    const shape = shapeOf(setting);
    // The model is made for a single image and runs with a batch.
    const single = [1, ...shape.slice(1)];
    const model = inferenceModel(network, single, parametersByName(parameters, weights));
    const session = await Session.create(model, { threads: 1 });
    const { logits } = await session.run({
      [inferenceNames.image]: tensor({ shape, data: image }),
    });
    await session.release();
    assert.deepEqual(logits.shape, [shape[0], setting.classes, ...setting.patch]);
    assertSome(logits.data as Float32Array, setting.logits, 1e-4, 0, "logits");
  });

  Deno.test(`primus() has PyTorch's gradients: ${name}`, async () => {
    const { setting, network, parameters, weights, random } = prepared(name);
    const { image, target } = nextBatch(setting, random);
    const found = await gradientsOf(setting, network, parameters, weights, image, target);
    const largest = Math.max(
      ...Object.values(setting.gradients).map(({ squares }) => Math.sqrt(squares)),
    );
    for (const [parameter, expected] of Object.entries(setting.gradients)) {
      // Biases before instance normalisation have no gradient but rounding.
      assertSome(found.get(parameter)!, expected, 2e-3, 1e-4 * largest, parameter);
    }
  });

  Deno.test(`training steps of primus() follow PyTorch's: ${name}`, async () => {
    const { setting, network, parameters, weights: first, random } = prepared(name);
    const drops = lcg(7);
    const optimizer = adam({
      betas: [0.9, 0.98],
      weightDecay: 5e-2,
      decoupled: true,
      maxGradientNorm: 1,
    });
    const graph = trainingGraph(partsOf(setting, network, parameters), optimizer);
    const session = await Session.create(encodeModel(lower(graph, cpuLowerings)), { threads: 1 });
    let weights = first;
    let momentum = new Float32Array(optimizer.stateSize(weights.length));
    for (let step = 0; step < setting.losses.length; step++) {
      const { image, target } = nextBatch(setting, random);
      const results = await session.run({
        ...feedsOf(setting, image, target, weights),
        ...randomFeeds(graph, drops),
        [stepNames.momentum]: tensor({ shape: [momentum.length], data: momentum }),
        [stepNames.learningRate]: tensor({ shape: [], data: [3e-4] }),
      });
      const loss = Number(results[stepNames.loss].data[0]);
      const norm = Number(results[stepNames.gradientNorm].data[0]);
      assert.ok(Math.abs(loss - setting.losses[step]) < 1e-4, `loss ${loss} at step ${step}`);
      const ratio = norm / setting.gradientNorms[step];
      assert.ok(Math.abs(ratio - 1) < 1e-3, `gradient norm ${norm} at step ${step}`);
      weights = results[stepNames.newWeights].data as Float32Array<ArrayBuffer>;
      momentum = results[stepNames.newMomentum].data as Float32Array<ArrayBuffer>;
    }
    await session.release();
    for (const [parameter, { data }] of parametersByName(parameters, weights)) {
      // Adam's steps have the learning rate's size, also where the gradient is only rounding.
      const noise = /conv.*\.bias$/.test(parameter) ? 2.5e-3 : 1e-4;
      assertSome(data, setting.weights[parameter], 1, 0, parameter);
      const { every, values } = setting.weights[parameter];
      values.forEach((expected, i) =>
        assert.ok(Math.abs(data[i * every] - expected) < noise, `${parameter}: ${data[i * every]}`)
      );
    }
  });
}

function partsOf(setting: Case, network: Network, parameters: readonly ParameterSpec[]) {
  const heads = { count: setting.classes };
  return {
    network,
    parameters,
    loss: diceAndCrossEntropy(heads, { batchDice: false }),
    heads,
    imageShape: shapeOf(setting),
    deepSupervision: false,
  };
}

function feedsOf(
  setting: Case,
  image: Float32Array,
  target: Uint8Array<ArrayBuffer>,
  weights: Float32Array,
): Record<string, HostTensor> {
  const shape: Shape = [setting.batch, ...setting.patch];
  return {
    [stepNames.image]: tensor({ shape: shapeOf(setting), data: image }),
    [stepNames.target]: { type: "uint8", shape, data: target },
    [stepNames.weights]: tensor({ shape: [weights.length], data: weights }),
  };
}

/** Returns the numbers that decide which samples each part of a block is dropped for. */
function randomFeeds(graph: Graph, random: () => number): Record<string, HostTensor> {
  const inputs = graph.inputs.filter(({ name }) => name.startsWith(stepNames.random));
  // The first of three blocks is never dropped.
  assert.equal(inputs.length, 4);
  return Object.fromEntries(inputs.map(({ name, shape }) => [
    name,
    tensor({ shape, data: Array.from({ length: sizeOf(shape) }, random) }),
  ]));
}

/** Returns the gradients of the first step by parameter, with the golden file's dropped samples. */
async function gradientsOf(
  setting: Case,
  network: Network,
  parameters: readonly ParameterSpec[],
  weights: Float32Array<ArrayBuffer>,
  image: Float32Array,
  target: Uint8Array<ArrayBuffer>,
): Promise<Map<string, Float32Array>> {
  const graph = new Graph();
  const values = new Map<string, Value>();
  let draws = 0;
  const [logits] = network(
    graph.input("image", "float32", shapeOf(setting)),
    (name, shape) => {
      const value = graph.input(name, "float32", shape);
      values.set(name, value);
      return value;
    },
    {
      uniform: (shape) => graph.input(`${stepNames.random}${draws++}`, "float32", shape),
      update: () => {},
    },
  );
  const shape = [setting.batch, 1, ...setting.patch];
  const labels = graph.input("target", "int32", shape);
  const loss = diceAndCrossEntropy({ count: setting.classes }, { batchDice: false });
  const all = gradients(loss(logits, labels), [...values.values()]);
  [...values.keys()].forEach((name, i) => graph.output(`gradient of ${name}`, all[i]));
  const results = await runGraph(graph, {
    image: tensor({ shape: shapeOf(setting), data: image }),
    target: { type: "int32", shape, data: Int32Array.from(target) },
    ...Object.fromEntries(
      parametersByName(parameters, weights).entries().map(([name, value]) => [
        name,
        tensor(value),
      ]),
    ),
    ...randomFeeds(graph, lcg(7)),
  });
  return new Map(
    values.keys().map((name) => [name, results[`gradient of ${name}`].data as Float32Array]),
  );
}

Deno.test("primus() is built for 3D patches of multiples of 8 voxels only", () => {
  const network = primus({ heads: 2, features: 24, depth: 1, attentionHeads: 2 });
  assert.throws(() => parametersOf(network, [1, 1, 16, 20, 3]), {
    name: "RangeError",
    message: "Cannot build Primus: the patch has 16 × 20 × 3 voxels, expected multiples of 8; " +
      "change patch_size in the plans, for example to [16, 24, 8]",
  });
  assert.throws(() => parametersOf(network, [1, 1, 16, 16]), {
    name: "RangeError",
    message: "Cannot build Primus: the patch has 2 axes, expected 3; it exists in 3D only",
  });
  assert.throws(() => primus({ heads: 2, features: 20, depth: 1, attentionHeads: 2 }), {
    name: "RangeError",
    message: "Cannot build Primus: it has 20 features for 2 attention heads, expected a multiple " +
      "of 6 for each",
  });
});

Deno.test("primusModels has the number of parameters that the networks have in PyTorch", () => {
  const counts = Object.fromEntries(
    Array.from(primusModels, ([name, options]) => {
      const network = primus({ heads: 2, ...options });
      const parameters = parametersOf(network, [1, 1, 64, 64, 64]);
      return [name, parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0)];
    }),
  );
  assert.deepEqual(counts, golden.counts);
});
