/**
 * `deno task bench:gpu`: compares training steps and inference on GPUs with PyTorch on the same
 * GPU.
 *
 * Measures nnU-Net's networks on every available device, in float32 and half precision, as medians
 * of runs that end when the device has finished, and writes the figures with all versions to
 * `bench-gpu.json` and `bench-gpu.md`. Runs alternate with PyTorch's, so that both get the same
 * clock rates; PyTorch's tensors have the memory format, channels first or last, that is faster in
 * two rounds before. The share of the device's rate compares with PyTorch's product of large float32
 * matrices.
 *
 * `--device cuda,webgpu` selects devices, `--net 3d` networks by part of their name, `--what train`
 * or `infer` and `--precision float16` single measurements; `--rounds N` sets the number of rounds.
 * `--convolutions` compares formulations of convolutions instead of networks. `--profile` reports
 * the time of each part of a training step; on CUDA it requires CUDA_LAUNCH_BLOCKING=1.
 * `--python PATH` uses an existing Python with PyTorch. `--out DIR` sets the output folder.
 * `--smoke` measures networks small enough for a computer without a GPU (on a software renderer or
 * else the CPU), to check that the benchmark works. `--check` exits with 1 if a target is missed.
 */

import { ensurePythonEnvironment, NoPythonError } from "../../kernels/python_environment.ts";
import { type DeviceReport, findDevices } from "../../lib/runtime/find_devices.ts";
import { taskOptions } from "../task_options.ts";
import {
  benchLayers,
  type ConvolutionTime,
  measureConvolutions,
  smokeLayers,
} from "./gpu_convolutions.ts";
import { benchNetworks, smokeNetworks } from "./gpu_networks.ts";
import { formatProfile, profileTraining } from "./gpu_profile.ts";
import { convolutionCells, type Figure, type Profiled, writeReport } from "./gpu_report.ts";
import { inferTimes, trainTimes } from "./gpu_times.ts";
import { type BenchNetwork, CLASSES, geometryOf, networkOfBench } from "./plain_network.ts";
import { MachineRate } from "./machine_rate.ts";
import { isFasterWithChannelsLast } from "./memory_format.ts";
import { passOperations, stepOperations } from "./operations.ts";
import { PythonPeer } from "./python_peer.ts";
import { spreadOf } from "./statistics.ts";
import { stepPartsOf } from "./step_networks.ts";

const options = taskOptions(import.meta.url, {
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
});

/**
 * Targets, as multiples of the speed of PyTorch in the same precision: what was reached, rounded
 * down. PyTorch's speed itself is out of reach, because ONNX Runtime has no kernels for gradients of
 * weights and normalisations on CUDA, and WebGPU does not use the matrix units.
 */
const targets: Readonly<Record<string, { train: number; infer: number }>> = {
  cuda: { train: 0.4, infer: 0.9 },
  webgpu: { train: 0.15, infer: 0.06 },
};
/** Network passes per measured inference. */
const PASSES = options.smoke ? 2 : 8;
const rounds = Number(options.rounds);

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
let python: string | undefined;
let pytorch: unknown;
const figures: Figure[] = [];
const convolutions: ConvolutionTime[] = [];
const profiles: Profiled[] = [];
await Deno.mkdir(options.out, { recursive: true });
if (!options.convolutions && !options.profile) {
  try {
    python = options.python ??
      await ensurePythonEnvironment("torch", [["torch==2.13.0", "numpy==2.4.6"]]);
    peer = await PythonPeer.start(new URL("./gpu.py", import.meta.url), python);
  } catch (error) {
    if (!(error instanceof NoPythonError)) throw error;
    console.log(error.message);
  }
}
let rate: MachineRate | undefined;
for (const report of chosen) {
  const { device } = report;
  rate?.[Symbol.dispose]();
  rate = peer && await MachineRate.start({ device, python });
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
rate?.[Symbol.dispose]();
await writeReport(options.out, {
  heading: `Milliseconds, medians of ${rounds} rounds: a training step, and ${PASSES} passes of ` +
    "inference.",
  pytorch,
  devices: reports,
  figures,
  convolutions,
  profiles,
});
const missed = figures.filter(({ device, what, ratio }) =>
  ratio !== undefined && ratio < (targets[device]?.[what] ?? 0)
);
if (figures.length > 0) {
  console.log(
    "PyTorch's time / ours: " +
      figures.map(({ device, network, precision, what, ratio }) =>
        `${device} ${network} ${precision} ${what} ${ratio?.toFixed(2) ?? "–"}`
      ).join(", "),
  );
}
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
      // ONNX Runtime's CUDA provider uses TF32 if the GPU supports it; its WebGPU provider cannot,
      // and is compared with both.
      const theirTimes = async (channelsLast: boolean, tf32 = device !== "webgpu") =>
        (await peer?.ask<{ milliseconds: number[] }>({ [kind]: 2, channelsLast, tf32 }))
          ?.milliseconds ?? [];
      const channelsLast = peer !== undefined && await isFasterWithChannelsLast(theirTimes);
      await rate?.measure();
      const withTf32: number[] = [];
      const between = async () => {
        theirs.push(...await theirTimes(channelsLast));
        if (device === "webgpu") withTf32.push(...await theirTimes(channelsLast, true));
      };
      const milliseconds = spreadOf(
        await ours({ device, network, half, rounds, between, passes: PASSES }),
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
        ...withTf32.length > 2 &&
          { ratioWithTf32: spreadOf(withTf32.slice(2)).median / milliseconds },
      });
    } catch (error) {
      figures.push({ ...what, what: kind, failure: (error as Error).message });
    }
    const { milliseconds, pytorch, ratioWithTf32, failure } = figures.at(-1)!;
    console.log(
      `${device}, ${name}, ${what.precision}, ${kind}: ` + (failure ??
        `${milliseconds!.toFixed(1)} ms, PyTorch ${pytorch?.toFixed(1) ?? "–"} ms` +
          (ratioWithTf32 === undefined
            ? ""
            : `, with TF32 ${ratioWithTf32.toFixed(2)} of our time`)),
    );
    if (!rate || milliseconds === undefined) continue;
    const operations = kind === "train"
      ? stepOperations(stepPartsOf(network))
      : PASSES * passOperations(networkOfBench(network, false), [1, 1, ...network.patch]);
    console.log(`   ${rate.describe(operations, { ours: milliseconds, theirs: pytorch })}`);
  }
  return figures;
}
