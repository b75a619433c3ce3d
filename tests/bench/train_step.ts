/**
 * `deno task bench:train`: one training step against PyTorch's, same network, batch and threads.
 *
 * The two take turns, a few steps each, so that both meet the same noise; data loading is left out.
 * `--net a,b` chooses networks, `--rounds N` measures more often, `--parts` also tells which part of
 * our step takes how long, `--check` fails where a target is missed.
 */

import { parseArgs } from "node:util";
import { sizeOf } from "../../lib/array/nd_array.ts";
import { blockedLowerings } from "../../lib/lowering/blocked.ts";
import { cpuLowerings } from "../../lib/lowering/cpu.ts";
import { initialWeights, parametersOf } from "../../lib/network/network.ts";
import { plainUNet } from "../../lib/network/plain_unet.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import type { Batch } from "../../lib/training/batch.ts";
import { diceAndCrossEntropy } from "../../lib/training/losses.ts";
import { stepNames, type StepParts, trainingGraph } from "../../lib/training/step_graph.ts";
import { StepRunner } from "../../lib/training/step_runner.ts";
import { NoPythonError } from "../../lib/cli/python_environment.ts";
import { channelBlock } from "../lowering/channel_block.ts";
import { PythonPeer } from "./python_peer.ts";
import { formatMilliseconds, spreadOf } from "./statistics.ts";
import { parts, profileStep } from "./step_profile.ts";

/** Networks by letter, and how many times PyTorch's speed is wanted of each. */
const nets = {
  a: { patch: [40, 56, 40], batch: 2, features: [32, 64, 128, 256], target: 1.3 },
  b: { patch: [32, 32, 32], batch: 2, features: [16, 32, 64], target: 1.0 },
  c: { patch: [56, 40], batch: 32, features: [32, 64, 128, 256], target: 1.3 },
  d: { patch: [64, 64, 64], batch: 2, features: [32, 64, 128, 256, 320], target: 1.6 },
} as const;

const classes = 3;
const stepsPerRound = 2;
const torchRequirements = [["torch==2.13.0", "numpy==2.4.6"]];

const { values: options } = parseArgs({
  options: {
    net: { type: "string", default: Object.keys(nets).join(",") },
    rounds: { type: "string", default: "5" },
    parts: { type: "boolean", default: false },
    check: { type: "boolean", default: false },
  },
});
const chosen = options.net.split(",") as (keyof typeof nets)[];
const unknown = chosen.filter((name) => !(name in nets));
const rounds = Number(options.rounds);
if (unknown.length > 0 || !(Number.isInteger(rounds) && rounds > 0)) {
  console.error(
    `Cannot measure: found --net ${options.net} --rounds ${options.rounds}, ` +
      `expected letters of ${Object.keys(nets).join(",")} and a whole number`,
  );
  Deno.exit(2);
}

try {
  const ratios: Partial<Record<keyof typeof nets, number>> = {};
  for (const name of chosen) ratios[name] = await compare(name);
  const figures = chosen.map((name) => `${name} ${ratios[name]!.toFixed(2)}`);
  const missed = chosen.filter((name) => ratios[name]! < nets[name].target);
  for (const name of missed) console.log(`missed: ${name}, expected ${nets[name].target}`);
  console.log(`training step, PyTorch's time / ours: ${figures.join(", ")}`);
  Deno.exit(options.check && missed.length > 0 ? 1 : 0);
} catch (error) {
  if (!(error instanceof NoPythonError)) throw error;
  console.log(error.message);
  console.log("training step: nothing to compare with");
  Deno.exit(options.check ? 1 : 0);
}

async function compare(name: keyof typeof nets): Promise<number> {
  const { patch, batch, features } = nets[name];
  const threads = navigator.hardwareConcurrency;
  const kernels = features.map(() => patch.map(() => 3));
  const strides = features.map((_, stage) => patch.map(() => stage === 0 ? 1 : 2));
  const batchDice = patch.length === 2;
  const network = plainUNet({
    networkClassName: "dynamic_network_architectures.architectures.unet.PlainConvUNet",
    dimensions: patch.length as 2 | 3,
    featuresPerStage: features,
    kernelSizes: kernels,
    strides,
    convsPerStage: features.map(() => 2),
    convsPerStageDecoder: features.slice(1).map(() => 2),
  }, { heads: classes, deepSupervision: true });

  const peer = await PythonPeer.start(new URL("./train_step.py", import.meta.url), {
    name: "torch",
    requirements: torchRequirements,
  });
  const made = {
    network,
    loss: diceAndCrossEntropy({ heads: classes }, { batchDice }),
    targets: { heads: classes },
    imageShape: [batch, 1, ...patch],
  };
  const runner = await StepRunner.start(
    { ...made, threads },
    (parameters) => ({ weights: initialWeights(parameters, createGenerator(0)) }),
  );
  try {
    const { version } = await peer.ask<{ version: string }>({
      patch,
      batch,
      features,
      kernels,
      strides,
      classes,
      batchDice,
      threads,
    });
    console.log(
      `${name}: patch ${patch.join("×")}, batch ${batch}, features ${features.join("-")}, ` +
        `${threads} threads; PyTorch ${version}, Deno ${Deno.version.deno}`,
    );
    let example = randomBatch(patch, batch);
    const ours: number[] = [];
    const theirs: number[] = [];
    const roundRatios: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      const { milliseconds } = await peer.ask<{ milliseconds: number[] }>({ steps: stepsPerRound });
      const times: number[] = [];
      for (let step = 0; step < stepsPerRound; step++) {
        const begin = performance.now();
        ({ batch: example } = await runner.train(example, 0.01));
        times.push(performance.now() - begin);
      }
      if (round === 0) continue; // Warms up caches and allocators.
      theirs.push(...milliseconds);
      ours.push(...times);
      roundRatios.push(spreadOf(milliseconds).median / spreadOf(times).median);
    }
    const { median, low, high } = spreadOf(roundRatios);
    console.log(`   PyTorch ${formatMilliseconds(theirs)} ms, ours ${formatMilliseconds(ours)} ms`);
    console.log(
      `   ratio of a round ${median.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)}), ` +
        `of medians ${(spreadOf(theirs).median / spreadOf(ours).median).toFixed(2)}`,
    );
    if (options.parts) await printParts(made, threads, example);
    return spreadOf(theirs).median / spreadOf(ours).median;
  } finally {
    runner.close();
    peer.close();
  }
}

/** Kernel times of our step by part, from ONNX Runtime's profiler in a session of its own. */
async function printParts(made: Omit<StepParts, "parameters">, threads: number, batch: Batch) {
  const parameters = parametersOf(made.network, made.imageShape);
  const weights = initialWeights(parameters, createGenerator(0));
  const block = await channelBlock();
  const vector = (data: Float32Array<ArrayBuffer>) =>
    ({ type: "float32", shape: [data.length], data }) as const;
  const [samples, , ...patch] = made.imageShape;
  const profile = await profileStep(
    trainingGraph({ ...made, parameters }),
    block > 1 ? blockedLowerings(block) : cpuLowerings,
    {
      [stepNames.image]: { type: "float32", shape: made.imageShape, data: batch.data },
      [stepNames.target]: { type: "uint8", shape: [samples, ...patch], data: batch.target },
      [stepNames.weights]: vector(weights),
      [stepNames.momentum]: vector(new Float32Array(weights.length)),
      [stepNames.learningRate]: { type: "float32", shape: [], data: Float32Array.of(0.01) },
    },
    { threads, runs: 4 },
  );
  const figures = parts.map((part) => `${part} ${profile.parts[part].toFixed(0)}`);
  console.log(`   ms: ${figures.join(", ")}, between kernels ${profile.outside.toFixed(0)}`);
}

function randomBatch(patchSize: readonly number[], batchSize: number): Batch {
  const generator = createGenerator(1);
  const voxels = batchSize * sizeOf(patchSize);
  return {
    data: Float32Array.from({ length: voxels }, () => generator.normal()),
    target: Uint8Array.from({ length: voxels }, () => Math.floor(classes * generator.uniform())),
    caseNames: [],
    shape: { batchSize, channels: 1, patchSize },
  };
}
