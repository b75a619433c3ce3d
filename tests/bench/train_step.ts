/**
 * `deno task bench:train`: compares one training step with PyTorch's, with the same network, batch
 * and number of threads.
 *
 * Both sides alternate, a few steps each, so that both have the same noise; data loading is
 * excluded. PyTorch's tensors have the memory format, channels first or last, that is faster in two
 * rounds before. The share of the machine's rate that both reach is by the operations of our graph's
 * convolutions, whatever algorithm computes them. `--net a,b` selects networks, `--rounds N` sets the number of rounds, and `--parts`
 * also reports the time of each part of our step. `--memory` measures peak memory instead of time,
 * each side in a separate process, on Linux. `--check` fails if a target is missed.
 */

import { lowerFor } from "../../lib/lowering/for_device.ts";
import { initialWeights, parametersOf } from "../../lib/network/network.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import type { Batch } from "../../lib/training/batches/batch.ts";
import { type StepParts, trainingGraph } from "../../lib/training/step/step_graph.ts";
import { stepNames } from "../../lib/training/step/step_names.ts";
import { StepRunner } from "../../lib/training/step/step_runner.ts";
import { NoPythonError } from "../../kernels/python_environment.ts";
import { channelBlock } from "../lowering/blocked/channel_block.ts";
import { taskOptions } from "../task_options.ts";
import { MachineRate } from "./machine_rate.ts";
import { isFasterWithChannelsLast } from "./memory_format.ts";
import { stepOperations } from "./operations.ts";
import { PythonPeer } from "./python_peer.ts";
import { formatMilliseconds, spreadOf } from "./statistics.ts";
import { type NetName, nets, pythonSetting, randomBatch, stepParts } from "./step_networks.ts";
import { parts, profileStep } from "./step_profile.ts";
import { transferTimes } from "./step_transfers.ts";

const stepsPerRound = 2;
/** Number of steps after which memory no longer grows. */
const STEPS_TO_PEAK = 4;
/** Upper limit of a step's memory, as a multiple of PyTorch's. */
const MEMORY_TARGET = 1.1;

const options = taskOptions(import.meta.url, {
  net: { type: "string", default: Object.keys(nets).join(",") },
  rounds: { type: "string", default: "5" },
  parts: { type: "boolean", default: false },
  memory: { type: "boolean", default: false },
  check: { type: "boolean", default: false },
});
const chosen = options.net.split(",") as NetName[];
const unknown = chosen.filter((name) => !(name in nets));
const rounds = Number(options.rounds);
if (unknown.length > 0 || !(Number.isInteger(rounds) && rounds > 0)) {
  console.error(
    `Cannot measure: found --net ${options.net} --rounds ${options.rounds}, ` +
      `expected letters from ${Object.keys(nets).join(",")} and a positive integer`,
  );
  Deno.exit(2);
}

let rate: MachineRate | undefined;
try {
  if (!options.memory) rate = await MachineRate.start();
  const figures: string[] = [];
  let missed = 0;
  for (const name of chosen) {
    const ratio = options.memory ? await compareMemory(name) : await compare(name, rate!);
    figures.push(`${name} ${ratio.toFixed(2)}`);
    const { target } = nets[name];
    const isMissed = options.memory ? ratio > MEMORY_TARGET : ratio < target;
    if (!isMissed) continue;
    missed++;
    console.log(`missed: ${name}, expected ${options.memory ? MEMORY_TARGET : target}`);
  }
  const what = options.memory ? "peak memory, ours / PyTorch's" : "PyTorch's time / ours";
  rate?.[Symbol.dispose]();
  console.log(`training step, ${what}: ${figures.join(", ")}`);
  Deno.exit(options.check && missed > 0 ? 1 : 0);
} catch (error) {
  if (!(error instanceof NoPythonError)) throw error;
  console.log(error.message);
  console.log("training step: no reference to compare with");
  Deno.exit(options.check ? 1 : 0);
}

async function compare(name: NetName, rate: MachineRate): Promise<number> {
  const setting = pythonSetting(name);
  const { patch, batch, features, threads } = setting;
  const made = stepParts(name);
  const peer = await PythonPeer.start(new URL("./train_step.py", import.meta.url));
  const runner = await StepRunner.start(
    { ...made, threads },
    (parameters) => ({ weights: initialWeights(parameters, createGenerator(0)) }),
  );
  try {
    const { version } = await peer.ask<{ version: string }>(setting);
    console.log(
      `${name}: patch ${patch.join("×")}, batch ${batch}, features ${features.join("-")}, ` +
        `${threads} threads; PyTorch ${version}, Deno ${Deno.version.deno}`,
    );
    const channelsLast = await isFasterWithChannelsLast(async (channelsLast) =>
      (await peer.ask<{ milliseconds: number[] }>({ steps: stepsPerRound, channelsLast }))
        .milliseconds
    );
    await rate.measure();
    let example = randomBatch(name);
    const ours: number[] = [];
    const theirs: number[] = [];
    const roundRatios: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      const { milliseconds } = await peer.ask<{ milliseconds: number[] }>({
        steps: stepsPerRound,
        channelsLast,
      });
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
    await rate.measure();
    const times = { ours: spreadOf(ours).median, theirs: spreadOf(theirs).median };
    console.log(
      `   ${rate.describe(stepOperations(made), times)}; ` +
        `PyTorch with channels ${channelsLast ? "last" : "first"}`,
    );
    if (options.parts) await printParts(made, threads, example);
    return spreadOf(theirs).median / spreadOf(ours).median;
  } finally {
    runner.close();
    peer.close();
  }
}

/** PyTorch's memory with the format of its tensors that needs less. */
async function pytorchMemory(name: NetName): Promise<Memory> {
  const found: Memory[] = [];
  for (const channelsLast of [false, true]) {
    const peer = await PythonPeer.start(new URL("./train_step.py", import.meta.url));
    try {
      await peer.ask(pythonSetting(name));
      found.push(await peer.ask<Memory>({ steps: STEPS_TO_PEAK, channelsLast }));
    } finally {
      peer.close();
    }
  }
  return found.reduce((a, b) => b.peak - b.idle < a.peak - a.idle ? b : a);
}

/** Peak memory of several steps above the idle process's: ours divided by PyTorch's. */
async function compareMemory(name: NetName): Promise<number> {
  const program = decodeURIComponent(new URL("./step_memory.ts", import.meta.url).pathname);
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", program, name, `${STEPS_TO_PEAK}`],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`Cannot measure: ${program} failed for net ${name}`);
  const ours: Memory = JSON.parse(new TextDecoder().decode(stdout));
  const theirs = await pytorchMemory(name);
  const megabytes = ({ peak, idle }: Memory) =>
    `${((peak - idle) / 1e6).toFixed(0)} MB above ${(idle / 1e6).toFixed(0)} MB`;
  console.log(`${name}: PyTorch ${megabytes(theirs)} when idle, ours ${megabytes(ours)}`);
  return (ours.peak - ours.idle) / (theirs.peak - theirs.idle);
}

/** Memory of a process, in bytes. */
interface Memory {
  readonly peak: number;
  /** Memory with all libraries loaded and no network. */
  readonly idle: number;
}

/** Kernel times of our step by part, from ONNX Runtime's profiler in a separate session. */
async function printParts(made: Omit<StepParts, "parameters">, threads: number, batch: Batch) {
  const parameters = parametersOf(made.network, made.imageShape);
  const weights = initialWeights(parameters, createGenerator(0));
  const block = await channelBlock();
  const vector = (data: Float32Array<ArrayBuffer>) =>
    ({ type: "float32", shape: [data.length], data }) as const;
  const [samples, , ...patch] = made.imageShape;
  const graph = trainingGraph({ ...made, parameters });
  const profile = await profileStep(
    graph,
    lowerFor("cpu", graph, { channelBlock: block }),
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
  const transfers = await transferTimes(made.imageShape, batch);
  console.log(
    `   ms: ${figures.join(", ")}, between kernels ${profile.outside.toFixed(0)}; ` +
      `feeding a batch and reading the loss ${spreadOf(transfers).median.toFixed(2)}`,
  );
}
