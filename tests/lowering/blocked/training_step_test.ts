import assert from "node:assert/strict";
import { sizeOf } from "../../../lib/array/nd_array.ts";
import type { Architecture } from "../../../lib/files/plans.ts";
import { encodeModel } from "../../../lib/graph/encode.ts";
import type { Graph } from "../../../lib/graph/graph.ts";
import { peakMemory } from "../../../lib/graph/peak_memory.ts";
import { blockedLowerings } from "../../../lib/lowering/blocked/lowerings.ts";
import { cpuLowerings } from "../../../lib/lowering/cpu/lowerings.ts";
import { lower } from "../../../lib/lowering/lower.ts";
import { recomputeAtPeak } from "../../../lib/lowering/recompute.ts";
import { atOnce } from "../../../lib/runtime/in_pieces.ts";
import { countParameters, parametersOf, trainedOf } from "../../../lib/network/network.ts";
import { networkOf } from "../../../lib/network/network_of.ts";
import { Session } from "../../../lib/runtime/session.ts";
import { diceAndCrossEntropy } from "../../../lib/training/step/losses.ts";
import { randomInputs } from "../../../lib/training/step/random_inputs.ts";
import { sgd } from "../../../lib/training/step/sgd.ts";
import { trainingGraph } from "../../../lib/training/step/step_graph.ts";
import { stepNames } from "../../../lib/training/step/step_names.ts";
import { lcg } from "../../golden/lcg.ts";
import { channelBlock } from "./channel_block.ts";

const classes = 3;

interface Setting {
  readonly className?: "PlainConvUNet" | "ResidualEncoderUNet";
  readonly imageShape: readonly number[];
  /** Features per stage, in channel blocks. */
  readonly features: readonly number[];
  readonly kernels: readonly (readonly number[])[];
  readonly strides: readonly (readonly number[])[];
  /** What differs from nnU-Net's own blocks. */
  readonly style?: Partial<Architecture>;
}

const ofBatches: Partial<Architecture> = {
  normalization: { over: "batch", epsilon: 1e-5, affine: true },
  nonlinearity: { kind: "leakyRelu", slope: 0 },
};

const settings: Record<string, Setting> = {
  "3D": {
    imageShape: [2, 1, 4, 8, 6],
    features: [1, 2],
    kernels: [[3, 3, 3], [3, 3, 3]],
    strides: [[1, 1, 1], [2, 2, 2]],
  },
  "anisotropic kernels and strides": {
    imageShape: [2, 2, 3, 12, 8],
    features: [1, 1, 2],
    kernels: [[1, 3, 3], [3, 3, 3], [3, 3, 3]],
    strides: [[1, 1, 1], [1, 2, 2], [1, 2, 2]],
  },
  "2D, channels enough to fill a channel block": {
    imageShape: [3, 17, 8, 6],
    features: [2, 1],
    kernels: [[3, 3], [3, 3]],
    strides: [[1, 1], [2, 2]],
  },
  "features that do not fill a channel block among others that do": {
    imageShape: [1, 1, 4, 8, 8],
    features: [0.75, 1, 1.5],
    kernels: [[3, 3, 3], [3, 3, 3], [3, 3, 3]],
    strides: [[1, 1, 1], [2, 2, 2], [1, 2, 2]],
  },
  "residual encoder": {
    className: "ResidualEncoderUNet",
    imageShape: [2, 1, 4, 6, 8],
    features: [1, 2],
    kernels: [[3, 3, 3], [3, 3, 3]],
    strides: [[1, 1, 1], [2, 2, 2]],
  },
  "batch normalisation and dropout of feature maps": {
    imageShape: [3, 1, 4, 8, 6],
    features: [1, 2],
    kernels: [[3, 3, 3], [3, 3, 3]],
    strides: [[1, 1, 1], [2, 2, 2]],
    style: { ...ofBatches, dropout: { probability: 0.3, wholeMaps: true } },
  },
  "2D, batch normalisation and dropout of voxels": {
    imageShape: [3, 17, 8, 6],
    features: [2, 1],
    kernels: [[3, 3], [3, 3]],
    strides: [[1, 1], [2, 2]],
    style: { ...ofBatches, dropout: { probability: 0.3, wholeMaps: false } },
  },
  "batch normalisation before and after other nonlinearities": {
    className: "ResidualEncoderUNet",
    imageShape: [2, 1, 4, 6, 8],
    features: [1, 2],
    kernels: [[3, 3, 3], [3, 3, 3]],
    strides: [[1, 1, 1], [2, 2, 2]],
    style: { ...ofBatches, nonlinearity: { kind: "silu" } },
  },
};

/** Returns the loss, the gradient norm, and the momentum of a first step, which is the gradient. */
async function trainOnce(
  setting: Setting,
  block: number,
  rewrite: (graph: Graph) => Graph,
  biasBeforeNorm = 0,
) {
  const { className = "PlainConvUNet", imageShape, kernels, strides } = setting;
  const [batch, , ...patch] = imageShape;
  const features = setting.features.map((blocks) => blocks * block);
  const network = networkOf({
    networkClassName: className,
    dimensions: patch.length as 2 | 3,
    featuresPerStage: features,
    kernelSizes: kernels.map((kernel) => [...kernel]),
    strides: strides.map((stride) => [...stride]),
    convsPerStage: features.map(() => 2),
    convsPerStageDecoder: features.slice(1).map(() => 1),
    ...setting.style,
  }, { heads: classes, deepSupervision: true });
  const parameters = parametersOf(network, imageShape);
  const count = countParameters(parameters);
  const trained = countParameters(trainedOf(parameters));
  const heads = { count: classes };
  const loss = diceAndCrossEntropy(heads, { batchDice: true });
  const graph = trainingGraph(
    { network, parameters, loss, heads, imageShape },
    sgd({ weightDecay: 0, maxGradientNorm: 1e9 }),
  );
  const random = lcg(3);
  const weights = () => {
    const values = Float32Array.from({ length: count }, () => 0.4 * random() - 0.2);
    let offset = 0;
    for (const { name, shape } of parameters) {
      const size = sizeOf(shape);
      if (name.endsWith(".conv.bias")) {
        for (let i = 0; i < size; i++) values[offset + i] += biasBeforeNorm;
      }
      offset += size;
    }
    return values;
  };
  const session = await Session.create(encodeModel(rewrite(graph)), {
    threads: 1,
    mergeEqual: false,
  });
  const randomNumbers = graph.inputs
    .filter(({ name }) => name.startsWith(stepNames.random))
    .map(({ name, shape }) => ({ name, shape }));
  const results = await session.run({
    ...randomInputs(randomNumbers, { seed: 0, step: 0 }),
    [stepNames.image]: {
      type: "float32",
      shape: imageShape,
      data: Float32Array.from({ length: sizeOf(imageShape) }, () => 2 * random() - 1),
    },
    [stepNames.target]: {
      type: "uint8",
      shape: [batch, ...patch],
      data: Uint8Array.from({ length: batch * sizeOf(patch) }, () => Math.floor(3 * random())),
    },
    [stepNames.weights]: {
      type: "float32",
      shape: [count],
      data: weights(),
    },
    [stepNames.momentum]: { type: "float32", shape: [trained], data: new Float32Array(trained) },
    [stepNames.learningRate]: { type: "float32", shape: [], data: Float32Array.of(0.01) },
  });
  await session.release();
  return {
    parameters,
    loss: Number(results[stepNames.loss].data[0]),
    gradient: results[stepNames.newMomentum].data as Float32Array<ArrayBuffer>,
    buffers: (results[stepNames.newWeights].data as Float32Array<ArrayBuffer>).subarray(trained),
  };
}

type Step = Awaited<ReturnType<typeof trainOnce>>;

/** Relative to the whole gradient: a bias before a normalisation has a gradient of rounding only. */
function assertSameStep(found: Step, expected: Step) {
  assert.ok(Math.abs(found.loss - expected.loss) < 1e-5, `${found.loss}, ${expected.loss}`);
  const scale = expected.gradient.reduce((most, g) => Math.max(most, Math.abs(g)), 0);
  let offset = 0;
  for (const { name, shape } of trainedOf(expected.parameters)) {
    for (let i = 0; i < sizeOf(shape); i++, offset++) {
      const error = Math.abs(found.gradient[offset] - expected.gradient[offset]) / scale;
      assert.ok(
        error < 1e-4,
        `${name}[${i}]: ${found.gradient[offset]} instead of ${expected.gradient[offset]}`,
      );
    }
  }
  expected.buffers.forEach((value, i) => {
    const error = Math.abs(found.buffers[i] - value);
    assert.ok(error < 1e-5, `buffer ${i}: ${found.buffers[i]} instead of ${value}`);
  });
}

const block = await channelBlock();

function testOnBlockedChannels(name: string, fn: () => Promise<void>) {
  const skipped = block > 1 ? "" : " (skipped: this processor blocks no channels)";
  Deno.test({ name: name + skipped, ignore: block <= 1, fn });
}

const plainly = (graph: Graph) => lower(graph, cpuLowerings);
const onBlockedChannels = (graph: Graph) => lower(graph, blockedLowerings(block));

for (const [name, setting] of Object.entries(settings)) {
  testOnBlockedChannels(
    `a training step on blocked channels gives what the plain one gives: ${name}`,
    async () => {
      const plain = await trainOnce(setting, block, plainly);
      assertSameStep(await trainOnce(setting, block, onBlockedChannels), plain);
    },
  );
}

testOnBlockedChannels(
  "a training step on blocked channels does not depend on a bias that normalisation removes",
  async () => {
    const plain = await trainOnce(settings["3D"], block, plainly);
    // Channels' means are now hundreds of times their deviations.
    assertSameStep(await trainOnce(settings["3D"], block, onBlockedChannels, 100), plain);
  },
);

testOnBlockedChannels(
  "recomputeAtPeak() changes no bit of a training step on blocked channels",
  async () => {
    // The images are so large that they, not the parameters, need most memory.
    const setting: Setting = { ...settings["3D"], imageShape: [2, 1, 8, 32, 32] };
    let saved = 0;
    const step = await trainOnce(setting, block, (graph) => {
      const kept = onBlockedChannels(graph);
      const recomputed = atOnce(recomputeAtPeak(kept));
      saved = 1 - peakMemory(recomputed).bytes / peakMemory(kept).bytes;
      return recomputed;
    });
    const { loss, gradient } = await trainOnce(setting, block, onBlockedChannels);
    assert.ok(saved > 0.1, `${saved} of the memory saved`);
    assert.equal(step.loss, loss);
    assert.deepEqual(step.gradient, gradient);
  },
);
