/**
 * `deno task bench:gpu`: training steps and inference on GPUs against PyTorch on the same card.
 *
 * Measures nnU-Net's own networks on every device that is there, in float32 and half precision, by
 * medians of runs that end when the device has finished, and writes the figures with all versions
 * to `bench-gpu.json` and `bench-gpu.md`. Networks in turns with PyTorch, so that both meet the same
 * clock rates.
 *
 * `--device cuda,webgpu` chooses devices, `--net 3d` networks by part of their name, `--rounds N`
 * measures more often, `--what train` or `infer` only that, `--precision float16` likewise.
 * `--convolutions` compares ways to convolve in place of networks. `--profile` tells which part of a
 * training step takes how long; on CUDA it wants CUDA_LAUNCH_BLOCKING=1. `--python PATH` is a Python
 * that has PyTorch, in place of one made for this. `--out DIR` says where to write, `--smoke` measures nets small enough for a computer without a GPU (a software renderer
 * or, failing that, the CPU), to see that all this works. `--check` exits with 1 where a target is
 * missed.
 */

import { parseArgs } from "node:util";
import { join } from "@std/path";
import { sizeOf } from "../../lib/array/nd_array.ts";
import { DeviceWindow } from "../../lib/inference/device_window.ts";
import { inferenceModel } from "../../lib/inference/inference_graph.ts";
import { initialWeights, parametersOf } from "../../lib/network/network.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import { type Device, stepsOfRun } from "../../lib/runtime/device.ts";
import { type DeviceReport, findDevices } from "../../lib/runtime/find_devices.ts";
import type { Batch } from "../../lib/training/batch.ts";
import { diceAndCrossEntropy } from "../../lib/training/losses.ts";
import { StepRunner } from "../../lib/training/step_runner.ts";
import { parametersByName } from "../../lib/training/flat_parameters.ts";
import {
  benchLayers,
  type ConvolutionTime,
  measureConvolutions,
  smokeLayers,
} from "./gpu_convolutions.ts";
import { benchNetworks, smokeNetworks } from "./gpu_networks.ts";
import { formatProfile, profileTraining } from "./gpu_profile.ts";
import { type BenchNetwork, CLASSES, geometryOf, networkOfBench } from "./plain_network.ts";
import { NoPythonError } from "../../lib/cli/python_environment.ts";
import { PythonPeer } from "./python_peer.ts";
import { spreadOf } from "./statistics.ts";
import type { StepProfile } from "./step_profile.ts";

const { values: options } = parseArgs({
  options: {
    device: { type: "string", default: "cuda,webgpu" },
    net: { type: "string", default: "" },
    rounds: { type: "string", default: "5" },
    what: { type: "string", default: "" },
    precision: { type: "string", default: "" },
    profile: { type: "boolean", default: false },
    python: { type: "string" },
    convolutions: { type: "boolean", default: false },
    out: { type: "string", default: "." },
    smoke: { type: "boolean", default: false },
    check: { type: "boolean", default: false },
  },
});

/** How many times PyTorch's rate is wanted. */
const targets: Readonly<Record<string, { train: number; infer: number }>> = {
  cuda: { train: 0.8, infer: 1 },
  webgpu: { train: 0.3, infer: 0.3 },
};
/** Network passes of one measured inference. */
const PASSES = options.smoke ? 2 : 8;
const rounds = Number(options.rounds);

/** A figure of ours beside PyTorch's; undefined where that could not be had. */
interface Figure {
  readonly device: Device;
  readonly network: string;
  readonly precision: "float32" | "float16";
  readonly what: "train" | "infer";
  readonly milliseconds?: number;
  readonly pytorch?: number;
  /** PyTorch's time divided by ours. */
  readonly ratio?: number;
  /** Why there is no figure. */
  readonly failure?: string;
}

const reports = await findDevices();
const wanted = options.device.split(",");
const chosen = reports.filter(({ device, isPresent }) => isPresent && wanted.includes(device));
if (options.smoke && chosen.length === 0) {
  chosen.push(reports.find(({ device }) => device === "cpu")!);
}
const networks = Object.entries(options.smoke ? smokeNetworks : benchNetworks)
  .filter(([name]) => name.includes(options.net));
if (chosen.length === 0 || networks.length === 0 || !(Number.isInteger(rounds) && rounds > 0)) {
  for (const { device, problem } of reports) if (problem) console.error(`${device}: ${problem}`);
  console.error(
    `Cannot measure: found no device of ${options.device}, or no network "${options.net}", or ` +
      `--rounds ${options.rounds}; see \`deno task nnunet devices\``,
  );
  Deno.exit(2);
}

let peer: PythonPeer | undefined;
let pytorch: unknown;
const figures: Figure[] = [];
const convolutions: ConvolutionTime[] = [];
const profiles: { readonly of: string; readonly profile: StepProfile }[] = [];
await Deno.mkdir(options.out, { recursive: true });
if (!options.convolutions && !options.profile) {
  peer = await PythonPeer.start(new URL("./gpu.py", import.meta.url), {
    name: "torch",
    requirements: [["torch==2.13.0", "numpy==2.4.6"]],
  }, options.python).catch((error) => {
    if (!(error instanceof NoPythonError)) throw error;
    console.log(error.message);
    return undefined;
  });
}
for (const report of chosen) {
  const { device } = report;
  const precisions = ([["float32", false], ["float16", true]] as const).filter(([name, half]) =>
    name.includes(options.precision) && (!half || report.float16 || device === "cpu")
  );
  for (const [, half] of precisions) {
    if (options.convolutions && device !== "cpu") {
      const layers = options.smoke ? smokeLayers : benchLayers;
      convolutions.push(
        ...await measureConvolutions(device, half, layers, rounds, (time) => {
          console.log(convolutionCells(time).join(", "));
        }),
      );
      continue;
    }
    for (const [name, network] of networks) {
      if (options.profile) {
        const profile = await profileTraining(device, network, half, rounds);
        profiles.push({ of: `${device}, ${name}, ${half ? "float16" : "float32"}`, profile });
        console.log(profiles.at(-1)!.of);
        console.log(formatProfile(profile));
      } else figures.push(...await measure(report, name, network, half));
    }
  }
}
peer?.close();
await write();
const missed = figures.filter(({ device, what, ratio }) =>
  ratio !== undefined && ratio < (targets[device]?.[what] ?? 0)
);
console.log(
  "PyTorch's time / ours: " +
    figures.map(({ device, network, precision, what, ratio }) =>
      `${device} ${network} ${precision} ${what} ${ratio?.toFixed(2) ?? "–"}`
    ).join(", "),
);
const failed = figures.some(({ failure }) => failure) || missed.length > 0;
Deno.exit(options.check && failed ? 1 : 0);

async function measure(
  { device }: DeviceReport,
  name: string,
  network: BenchNetwork,
  half: boolean,
): Promise<Figure[]> {
  const what = { device, network: name, precision: half ? "float16" : "float32" } as const;
  pytorch = await peer?.ask({
    ...network,
    ...geometryOf(network),
    device,
    half,
    classes: CLASSES,
    passes: PASSES,
    batchDice: network.patch.length === 2,
    threads: navigator.hardwareConcurrency,
  });
  const figures: Figure[] = [];
  for (const [kind, ours] of [["train", trainTimes], ["infer", inferTimes]] as const) {
    if (!kind.includes(options.what)) continue;
    try {
      const theirs: number[] = [];
      const milliseconds = spreadOf(
        await ours(device, network, half, async () => {
          const answer = await peer?.ask<{ milliseconds: number[] }>({ [kind]: 2 });
          theirs.push(...answer?.milliseconds ?? []);
        }),
      ).median;
      // The first of PyTorch's rounds warms up.
      const rest = theirs.slice(2);
      const pytorch = rest.length > 0 ? spreadOf(rest).median : undefined;
      figures.push({
        ...what,
        what: kind,
        milliseconds,
        pytorch,
        ratio: pytorch && pytorch / milliseconds,
      });
    } catch (error) {
      figures.push({ ...what, what: kind, failure: (error as Error).message });
    }
    const { milliseconds, pytorch, failure } = figures.at(-1)!;
    console.log(
      `${device}, ${name}, ${what.precision}, ${kind}: ` + (failure ??
        `${milliseconds!.toFixed(1)} ms, PyTorch ${pytorch?.toFixed(1) ?? "–"} ms`),
    );
  }
  return figures;
}

/** Milliseconds of a training step, after a round to warm up; `between` is called before each. */
async function trainTimes(
  device: Device,
  { patch, batch, features }: BenchNetwork,
  half: boolean,
  between: () => Promise<void>,
): Promise<number[]> {
  const stepsPerRun = stepsOfRun(device);
  const runner = await StepRunner.start({
    network: networkOfBench({ patch, batch, features }, true),
    loss: diceAndCrossEntropy({ heads: CLASSES }, { batchDice: patch.length === 2 }),
    targets: { heads: CLASSES },
    imageShape: [batch, 1, ...patch],
    device,
    stepsPerRun,
    ...half && { lossScaling: {} },
  }, (parameters) => ({ weights: initialWeights(parameters, createGenerator(0)) }));
  try {
    const batches = new Array<Batch>(stepsPerRun).fill(randomBatch(patch, batch));
    const times: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      await between();
      const begin = performance.now();
      await runner.trainSteps(batches, 0.01);
      if (round > 0) times.push((performance.now() - begin) / stepsPerRun);
    }
    return times;
  } finally {
    runner.close();
  }
}

/** Milliseconds of some passes over a volume of one tile; as above. */
async function inferTimes(
  device: Device,
  network: BenchNetwork,
  half: boolean,
  between: () => Promise<void>,
): Promise<number[]> {
  const { patch } = network;
  const built = networkOfBench(network, false);
  const imageShape = [1, 1, ...patch];
  const parameters = parametersOf(built, imageShape);
  const weights = initialWeights(parameters, createGenerator(0));
  const model = inferenceModel(built, imageShape, parametersByName(parameters, weights));
  // As many mirrorings as make the passes; in 2-D the rest are slices.
  const mirrorAxes = patch.map((_, axis) => axis).slice(0, Math.log2(PASSES));
  const slices = PASSES / 2 ** mirrorAxes.length;
  const window = await DeviceWindow.open([model], {
    device,
    heads: CLASSES,
    tileSize: patch,
    mirrorAxes,
    half,
  });
  try {
    const size = patch.length === 2 ? [slices, ...patch] : patch;
    const volume = { shape: [1, ...size], data: noise(sizeOf(size)) };
    const times: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      await between();
      const begin = performance.now();
      await window.run(volume);
      if (round > 0) times.push(performance.now() - begin);
    }
    return times;
  } finally {
    await window.close();
  }
}

function noise(length: number): Float32Array<ArrayBuffer> {
  const generator = createGenerator(1);
  return Float32Array.from({ length }, () => generator.normal());
}

function randomBatch(patchSize: readonly number[], batchSize: number): Batch {
  const voxels = batchSize * sizeOf(patchSize);
  return {
    data: noise(voxels),
    target: Uint8Array.from({ length: voxels }, (_, i) => Math.floor(i / 7) % CLASSES),
    caseNames: [],
    shape: { batchSize, channels: 1, patchSize },
  };
}

function number(value: number | undefined, digits = 1): string {
  return value?.toFixed(digits) ?? "–";
}

function convolutionCells(time: ConvolutionTime): string[] {
  const { device, precision, what, layer, way, milliseconds, gigaflops, failure } = time;
  return [
    device,
    precision,
    what,
    layer,
    way,
    failure ?? number(milliseconds, 2),
    number(gigaflops, 0),
  ];
}

async function write(): Promise<void> {
  const versions = {
    deno: Deno.version.deno,
    onnxruntime: "1.30.0",
    os: `${Deno.build.os} ${Deno.osRelease()}`,
    pytorch,
    devices: reports,
  };
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const markdown = [
    "# GPU benchmark",
    "",
    "```json",
    JSON.stringify(versions, null, 2),
    "```",
    "",
    `Milliseconds, medians of ${rounds} rounds: a training step, and ${PASSES} passes of inference.`,
    "",
    row(["device", "network", "precision", "what", "ours", "PyTorch", "ratio"]),
    row(["---", "---", "---", "---", "--:", "--:", "--:"]),
    ...figures.map((f) =>
      row([
        f.device,
        f.network,
        f.precision,
        f.what,
        f.failure ?? number(f.milliseconds),
        number(f.pytorch),
        number(f.ratio, 2),
      ])
    ),
    ...convolutions.length === 0 ? [] : [
      "",
      row(["convolution on", "precision", "what", "layer", "way", "ms", "GF/s"]),
      row(["---", "---", "---", "---", "---", "--:", "--:"]),
      ...convolutions.map((time) => row(convolutionCells(time))),
    ],
    ...profiles.flatMap(({ of, profile }) => ["", of, "", "```", formatProfile(profile), "```"]),
    "",
  ].join("\n");
  await Deno.writeTextFile(join(options.out, "bench-gpu.md"), markdown);
  await Deno.writeTextFile(
    join(options.out, "bench-gpu.json"),
    JSON.stringify({ versions, figures, convolutions, profiles }, null, 2) + "\n",
  );
}
