import assert from "node:assert/strict";
import { sizeOf } from "../../lib/array/nd_array.ts";
import { architectureSchema, architectureToJson } from "../../lib/files/architecture_json.ts";
import type { Architecture } from "../../lib/files/plans.ts";
import { encodeModel } from "../../lib/graph/encode.ts";
import { addAliases, inModuleOrder } from "../../lib/interop/unet_state_dict.ts";
import { blockedLowerings } from "../../lib/lowering/blocked/lowerings.ts";
import { cpuLowerings } from "../../lib/lowering/cpu/lowerings.ts";
import { lower, type LoweringTable } from "../../lib/lowering/lower.ts";
import { inferenceModel, inferenceNames } from "../../lib/model/inference_graph.ts";
import {
  parametersOf,
  type ParameterSpec,
  placesOf,
  trainedOf,
} from "../../lib/network/network.ts";
import { networkOf } from "../../lib/network/network_of.ts";
import { Session } from "../../lib/runtime/session.ts";
import { parametersByName } from "../../lib/training/step/flat_parameters.ts";
import { diceAndCrossEntropy } from "../../lib/training/step/losses.ts";
import { sgd } from "../../lib/training/step/sgd.ts";
import { trainingGraph } from "../../lib/training/step/step_graph.ts";
import { stepNames } from "../../lib/training/step/step_names.ts";
import { openCpuNetwork } from "../../lib/window/cpu/cpu_network.ts";
import { lcg } from "../golden/lcg.ts";
import golden from "../golden/network_blocks.json" with { type: "json" };
import { tensor } from "../graph/run_graph.ts";
import { channelBlock } from "../lowering/blocked/channel_block.ts";
import { goldenWeights } from "./networks.ts";

const { channels, classes, batch } = golden;
const block = await channelBlock();

function parse(json: unknown): Architecture {
  // Python reads text, and leaves no undefined keys in it.
  return architectureSchema.parse(JSON.parse(JSON.stringify(json)));
}

/** Without dropout, whose random numbers are PyTorch's own. */
function withoutDropout({ dropout, ...architecture }: Architecture): Architecture {
  return dropout ? { ...architecture, dropout: { ...dropout, probability: 0 } } : architecture;
}

function build(architecture: Architecture, patch: readonly number[]) {
  const imageShape = [batch, channels, ...patch];
  const network = networkOf(architecture, { heads: classes, deepSupervision: true });
  const specs = parametersOf(network, imageShape);
  const random = lcg(1);
  const weights = goldenWeights(specs, random);
  const image = Float32Array.from({ length: sizeOf(imageShape) }, () => random() * 2 - 1);
  return { imageShape, network, specs, weights, image, random };
}

for (const [name, setting] of Object.entries(golden.cases)) {
  const architecture = parse(setting.architecture);
  const patch = setting.patch;

  Deno.test(`a plan's network has nnU-Net's names, order and first values: ${name}`, () => {
    const { specs } = build(architecture, patch);
    const byName = new Map(specs.map((spec) => [spec.name, spec]));
    const ordered = inModuleOrder(byName);
    const trained = trainedOf([...ordered.values()]).map(({ name, shape }) => [name, shape]);
    assert.deepEqual(trained, setting.parameters);
    assert.deepEqual([...addAliases(ordered, placesOf(specs)).keys()], setting.stateDict);
    for (const [name, start] of Object.entries(setting.starts)) {
      // As float32, which PyTorch stores.
      assert.equal(Math.fround(byName.get(name)!.initialization as number), start, name);
    }
  });

  Deno.test(`a plan's network is written as it was read: ${name}`, () => {
    const written = architectureToJson(architecture);
    assert.deepEqual(parse(plainJson(written)), architecture);
  });

  Deno.test(`a plan's network predicts nnU-Net's logits: ${name}`, async () => {
    const { imageShape, specs, weights, image } = build(architecture, patch);
    const single = networkOf(architecture, { heads: classes, deepSupervision: false });
    const model = inferenceModel(single, imageShape, parametersByName(specs, weights));
    // Runs 3D networks on blocked channels if the processor has them.
    const session = await openCpuNetwork(model, { threads: 1, patches: batch });
    const { logits } = await session.run({
      [inferenceNames.image]: tensor({ shape: imageShape, data: image }),
    });
    await session.release();
    const { shape, every, values } = setting.outputs[0];
    assert.deepEqual(logits.shape, shape);
    const scale = Math.max(1, ...values.map(Math.abs));
    values.forEach((expected, j) => {
      const found = Number(logits.data[j * every]);
      assert.ok(Math.abs(found - expected) < 2e-5 * scale, `${found} instead of ${expected}`);
    });
  });

  const tables: Record<string, LoweringTable> = {
    plain: cpuLowerings,
    ...block > 1 && { blocked: blockedLowerings(block) },
  };
  for (const [lowering, table] of Object.entries(tables)) {
    Deno.test(`training steps follow PyTorch's, ${lowering}: ${name}`, async () => {
      const { specs, weights, losses, norms } = await train(
        withoutDropout(architecture),
        setting,
        table,
      );
      setting.losses.forEach((expected, step) => {
        const error = Math.abs(losses[step] - expected) / Math.abs(expected);
        assert.ok(error <= 1e-3, `step ${step}: ${losses[step]} instead of ${expected}`);
        const normError = Math.abs(norms[step] / setting.gradientNorms[step] - 1);
        assert.ok(normError <= 1e-2, `gradient norm ${norms[step]} at step ${step}`);
      });
      const squares = setting.finalSquares as Readonly<Record<string, number>>;
      for (const [name, { data }] of parametersByName(specs, weights)) {
        const found = data.reduce((sum, w) => sum + w * w, 0);
        assert.ok(Math.abs(found - squares[name]) <= 1e-3 * squares[name] + 1e-4, name);
      }
    });
  }
}

interface Steps {
  readonly patch: readonly number[];
  /** As many as there are steps. */
  readonly losses: readonly number[];
}

/** Runs the case's steps, and returns the losses, gradient norms and last weights. */
async function train(
  architecture: Architecture,
  { patch, losses: steps }: Steps,
  table: LoweringTable,
) {
  const { imageShape, network, specs, weights: first, random } = build(architecture, patch);
  const heads = { count: classes };
  const loss = diceAndCrossEntropy(heads, { batchDice: true });
  const parts = { network, parameters: specs, loss, heads, imageShape };
  const graph = trainingGraph(parts, sgd());
  const session = await Session.create(encodeModel(lower(graph, table)), {
    threads: 1,
    mergeEqual: false,
  });
  let weights = first;
  let momentum = new Float32Array(sizesOf(trainedOf(specs)));
  const losses = [];
  const norms = [];
  for (const _ of steps) {
    const { image, target } = nextBatch(patch, random);
    const results = await session.run({
      [stepNames.image]: { type: "float32", shape: imageShape, data: image },
      [stepNames.target]: { type: "uint8", shape: [batch, ...patch], data: target },
      [stepNames.weights]: tensor({ shape: [weights.length], data: weights }),
      [stepNames.momentum]: tensor({ shape: [momentum.length], data: momentum }),
      [stepNames.learningRate]: tensor({ shape: [], data: [0.01] }),
    });
    losses.push(Number(results[stepNames.loss].data[0]));
    norms.push(Number(results[stepNames.gradientNorm].data[0]));
    weights = results[stepNames.newWeights].data as typeof weights;
    momentum = results[stepNames.newMomentum].data as typeof momentum;
  }
  await session.release();
  return { specs, weights, losses, norms };
}

/** Draws a batch as `golden/network_blocks.py` does. */
function nextBatch(patch: readonly number[], random: () => number) {
  const voxels = sizeOf(patch);
  const target = Uint8Array.from(
    { length: batch * voxels },
    () => Math.floor(random() * classes),
  );
  const half = Math.floor(patch[0] / 2) * sizeOf(patch.slice(1));
  for (let n = 0; n < batch; n++) target.fill(1, n * voxels, n * voxels + half);
  const image = Float32Array.from(target, (label) => label + 2 * random() - 1);
  return { image, target };
}

function sizesOf(specs: readonly ParameterSpec[]): number {
  return specs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/** Python's floats as numbers. */
function plainJson(json: unknown): unknown {
  return JSON.parse(
    JSON.stringify(
      json,
      (_, value) => value?.constructor?.name === "PythonFloat" ? value.value : value,
    ),
  );
}

Deno.test("a plan's network says in a line which of its values cannot be used", () => {
  const json = golden.cases["3D residual, batch norm, ReLU, dropout"].architecture;
  const refused: [RegExp, Record<string, unknown>][] = [
    [/norm_op: found GroupNorm, expected InstanceNorm3d or BatchNorm3d/, {
      norm_op: "torch.nn.GroupNorm",
    }],
    [/norm_op: found BatchNorm2d, expected InstanceNorm3d/, { norm_op: "torch.nn.BatchNorm2d" }],
    [/norm_op: found none, expected a normalisation with parameters/, { norm_op: null }],
    [/norm_op_kwargs.*track_running_stats/, { norm_op_kwargs: { track_running_stats: false } }],
    [/nonlin: found Mish, expected LeakyReLU, ReLU/, { nonlin: "torch.nn.Mish" }],
    [/nonlin: .* expected one of PyTorch's own/, { nonlin: "mine.Swish" }],
    [/nonlin_kwargs.*threshold/, { nonlin_kwargs: { threshold: 1 } }],
    [/dropout_op: found AlphaDropout, expected Dropout3d or Dropout/, {
      dropout_op: "torch.nn.AlphaDropout",
    }],
    [/dropout_op_kwargs.*p/, { dropout_op_kwargs: { p: 2 } }],
    [/block/, { block: "mine.Block" }],
    [/bottleneck_channels: found nothing/, { block: "residual.BottleneckD" }],
    [/nonlin_first: found in a residual network/, { nonlin_first: true }],
    [/squeeze_excitation/, { squeeze_excitation: true }],
    [/kernel_sizes: found 2, expected odd extents/, { kernel_sizes: 2 }],
  ];
  for (const [message, keywords] of refused) {
    const changed = { ...json, arch_kwargs: { ...json.arch_kwargs, ...keywords } };
    const { error } = architectureSchema.safeParse(changed);
    const [{ path, message: text }] = error!.issues;
    assert.match(`${path.join(".")}: ${text}`, message);
  }
  const other = { network_class_name: "mine.Transformer", arch_kwargs: { depth: 12 } };
  assert.match(
    architectureSchema.safeParse(other).error!.issues.map(({ message }) => message).join("\n"),
    /^found "mine.Transformer", expected one of PlainConvUNet, ResidualEncoderUNet, ResidualUNet$/,
  );
});
