/** Measures the parts of a training step with ONNX Runtime's profiler. */

import { join } from "@std/path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { encodeModel } from "../../lib/graph/encode.ts";
import type { Graph, Node } from "../../lib/graph/graph.ts";
import { loadCudaLibraries } from "../../lib/platform/cuda_libraries.ts";
import { type Device, providerOptions } from "../../lib/runtime/device.ts";
import type { HostTensor } from "../../lib/runtime/session.ts";
import { spreadOf } from "./statistics.ts";

/** Parts of a step, in the order in which they are reported. */
export const parts = [
  "convolution forward",
  "input gradient",
  "weight gradient",
  "normalisation",
  "loss",
  "update",
  "other",
] as const;

export type Part = typeof parts[number];

const partOfOperator: Readonly<Record<string, Part>> = {
  Conv: "convolution forward",
  ConvTranspose: "convolution forward",
  "nnunet:ConvInputGradient": "input gradient",
  "nnunet:ConvWeightGradient": "weight gradient",
  InstanceNormalization: "normalisation",
  "nnunet:InstanceNormalizationGradient": "normalisation",
  LeakyRelu: "normalisation",
  "nnunet:LeakyReluGradient": "normalisation",
};

/** The part to which each node of a training graph belongs, before lowering. */
function partsOf({ nodes }: Graph): Part[] {
  const isLayer = ({ operator }: Node) => operator in partOfOperator;
  const isBackward = ({ operator }: Node) => operator.startsWith("nnunet:");
  const backward = nodes.findIndex(isBackward);
  const lastForward = nodes.findLastIndex((node, i) => i < backward && isLayer(node));
  const lastBackward = nodes.findLastIndex(isLayer);
  return nodes.map((node, i) => {
    if (i > lastBackward) return "update";
    // A transposed convolution's input gradient is an ordinary convolution.
    if (node.operator === "Conv" && i > backward) return "input gradient";
    if (isLayer(node)) return partOfOperator[node.operator];
    return i > lastForward && i < backward ? "loss" : "other";
  });
}

/** Milliseconds of kernels, and of everything outside them. */
export interface StepProfile {
  readonly parts: Readonly<Record<Part, number>>;
  /** Times by ONNX operator and part, slowest first. */
  readonly operators: readonly { readonly name: string; readonly milliseconds: number }[];
  /** Time of the whole run minus that of its kernels. */
  readonly outside: number;
}

interface ProfilerEvent {
  readonly cat: string;
  readonly name: string;
  /** Duration in microseconds. */
  readonly dur: number;
  readonly args: { readonly op_name?: string };
}

/** How a step is profiled. */
export interface ProfileOptions {
  /** By default the CPU. CUDA's kernels are timed correctly only if CUDA_LAUNCH_BLOCKING is 1. */
  readonly device?: Device;
  readonly threads: number;
  readonly runs: number;
}

/**
 * Profiles several runs of a training graph.
 *
 * @param lowered The graph after lowering, which the device computes.
 * @param feeds One tensor per input.
 * @returns Medians over the runs.
 */
export async function profileStep(
  graph: Graph,
  lowered: Graph,
  feeds: Readonly<Record<string, HostTensor>>,
  { device = "cpu", threads, runs }: ProfileOptions,
): Promise<StepProfile> {
  const folder = await Deno.makeTempDir();
  if (device === "cuda") loadCudaLibraries();
  try {
    const session = await InferenceSession.create(encodeModel(lowered), {
      ...providerOptions(device),
      intraOpNumThreads: threads,
      enableMemPattern: false,
      logSeverityLevel: 3,
      enableProfiling: true,
      profileFilePrefix: join(folder, "profile"),
    });
    const inputs = Object.fromEntries(
      Object.entries(feeds).map(([name, { type, data, shape }]) =>
        [name, new Tensor(type as "float32", data as Float32Array, shape)] as const
      ),
    );
    for (let run = 0; run <= runs; run++) await session.run(inputs);
    session.endProfiling();
    await session.release();
    const [file] = Array.from(Deno.readDirSync(folder));
    const events: ProfilerEvent[] = JSON.parse(
      await Deno.readTextFile(join(folder, file.name)),
    );
    return summarize(events, partsOf(graph), runs);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function summarize(
  events: readonly ProfilerEvent[],
  partOfNode: readonly Part[],
  runs: number,
): StepProfile {
  const perPart = Object.fromEntries(parts.map((part) => [part, 0])) as Record<Part, number>;
  const perOperator = new Map<string, number>();
  const kernels = Map.groupBy(kernelsOf(events), ({ node, operator }) => `${node} ${operator}`);
  for (const times of kernels.values()) {
    // The first run warms up. A node may have several kernels, each measured once per run.
    const ofRun = times.length / (runs + 1);
    const milliseconds = ofRun *
      spreadOf(times.slice(ofRun).map(({ duration }) => duration / 1000)).median;
    const part = partOfNode[parseInt(times[0].node)] ?? "other";
    perPart[part] += milliseconds;
    const key = `${part}: ${times[0].operator}`;
    perOperator.set(key, (perOperator.get(key) ?? 0) + milliseconds);
  }
  const whole = events.filter(({ name }) => name === "model_run").slice(-runs);
  const total = spreadOf(whole.map(({ dur }) => dur / 1000)).median;
  return {
    parts: perPart,
    operators: Array.from(perOperator, ([name, milliseconds]) => ({ name, milliseconds }))
      .sort((a, b) => b.milliseconds - a.milliseconds),
    outside: total - Object.values(perPart).reduce((a, b) => a + b),
  };
}

/** A kernel's run, in microseconds. */
interface Kernel {
  readonly node: string;
  readonly operator: string | undefined;
  readonly duration: number;
}

/** WebGPU's kernels timed by the GPU's clock, if there are any; otherwise timed by the host. */
function kernelsOf(events: readonly ProfilerEvent[]): Kernel[] {
  const timed = events.filter(({ cat, name }) => cat === "Api" && name.includes("&"));
  if (timed.length > 0) {
    return timed.map(({ name, dur }) => {
      const [node, , operator] = name.split("&");
      return { node, operator, duration: dur };
    });
  }
  return events
    .filter(({ cat, name }) => cat === "Node" && name.endsWith("_kernel_time"))
    .map(({ name, dur, args }) => ({ node: name, operator: args.op_name, duration: dur }));
}
