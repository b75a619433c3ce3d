/** Compares formulations of convolutions on a GPU. */

import { sizeOf } from "../../lib/array/nd_array.ts";
import { convWeightGradient } from "../../lib/autodiff/derivatives.ts";
import { encodeModel } from "../../lib/graph/encode.ts";
import { Graph, type Value } from "../../lib/graph/graph.ts";
import * as o from "../../lib/graph/operators.ts";
import { cudaLowerings } from "../../lib/lowering/gpu/cuda.ts";
import { halveFor } from "../../lib/lowering/for_device.ts";
import { cudaRepairs } from "../../lib/lowering/gpu/cuda_repairs.ts";
import { lower, type LoweringTable } from "../../lib/lowering/lower.ts";
import { webgpuLowerings } from "../../lib/lowering/gpu/webgpu.ts";
import { webgpuRepairs } from "../../lib/lowering/gpu/webgpu_repairs.ts";
import { weightGradients } from "../lowering/gpu/weight_gradients.ts";
import type { Device } from "../../lib/runtime/device.ts";
import { Session } from "../../lib/runtime/session.ts";
import { spreadOf } from "./statistics.ts";

/** A 3×3×3 convolution of stride 1: channels in and out, and voxels per axis. */
export type Layer = readonly [channels: number, filters: number, size: readonly number[]];

export const benchLayers: readonly Layer[] = [
  [32, 32, [128, 128, 128]],
  [64, 64, [64, 64, 64]],
  [128, 128, [32, 32, 32]],
  [320, 320, [8, 8, 8]],
];
export const smokeLayers: readonly Layer[] = [[8, 8, [8, 16, 16]], [32, 32, [8, 16, 16]]];

type Gpu = Exclude<Device, "cpu">;
type What = "forward" | "weight gradient";

/** Formulations to compare, by device: lowerings that are applied one after another. */
const ways: Readonly<Record<Gpu, readonly (readonly [What, string, readonly LoweringTable[]])[]>> =
  {
    cuda: [
      ["forward", "cuDNN", [cudaLowerings]],
      ...(["products", "columns", "bricks"] as const).map((way) =>
        ["weight gradient", way, [
          { ...cudaLowerings, "nnunet:ConvWeightGradient": weightGradients[way] },
          cudaRepairs,
        ]] as const
      ),
    ],
    webgpu: [
      ["forward", "planes", [webgpuLowerings, webgpuRepairs]],
      ["forward", "direct", [{ ...webgpuLowerings, Conv: undefined }, webgpuRepairs]],
      ...(["products", "columns", "convolution"] as const).map((way) =>
        ["weight gradient", way, [
          { ...webgpuLowerings, "nnunet:ConvWeightGradient": weightGradients[way] },
          webgpuRepairs,
        ]] as const
      ),
    ],
  };

/** A formulation's time for a layer. */
export interface ConvolutionTime {
  readonly device: Gpu;
  readonly precision: "float32" | "float16";
  readonly layer: string;
  readonly what: What;
  readonly way: string;
  /** Undefined if it failed. */
  readonly milliseconds?: number;
  readonly gigaflops?: number;
  readonly failure?: string;
}

/** Measures every formulation for every layer, and calls `report` with each result. */
export async function measureConvolutions(
  device: Gpu,
  half: boolean,
  layers: readonly Layer[],
  repetitions: number,
  report: (time: ConvolutionTime) => void,
): Promise<ConvolutionTime[]> {
  const times: ConvolutionTime[] = [];
  for (const layer of layers) {
    for (const [what, way, lowerings] of ways[device]) {
      const [channels, filters, size] = layer;
      const common = {
        device,
        precision: half ? "float16" : "float32",
        layer: `${channels} → ${filters} on ${size.join("×")}`,
        what,
        way,
      } as const;
      const graph = layerGraph(layer, what);
      const lowered = lowerings.reduce(lower, half ? halveFor(device, graph) : graph);
      const time = await timeOf(device, lowered, repetitions).then((milliseconds) => ({
        ...common,
        milliseconds,
        gigaflops: 2 * 27 * channels * filters * BATCH * sizeOf(size) / milliseconds / 1e6,
      }), (error: Error) => ({ ...common, failure: error.message }));
      report(time);
      times.push(time);
    }
  }
  return times;
}

const BATCH = 2;

/** A layer reduced to one number, so that copying the result to the CPU takes no time. */
function layerGraph([channels, filters, size]: Layer, what: What): Graph {
  const graph = new Graph();
  const seed = graph.input("seed", "float32", []);
  // The image is expanded on the device from one number, so that copying it takes no time either.
  const filled = (shape: readonly number[]): Value =>
    o.expand(o.reshape(seed, shape.map(() => 1)), shape);
  const x = filled([BATCH, channels, ...size]);
  const weights = [filters, channels, 3, 3, 3];
  const pads = [1, 1, 1, 1, 1, 1];
  const y = what === "forward"
    ? o.conv(x, filled(weights), null, { pads })
    : convWeightGradient(x, filled([BATCH, filters, ...size]), weights, { pads });
  graph.output("sum", o.reduceSum(y));
  return graph;
}

/** Median time of several runs. */
async function timeOf(device: Gpu, lowered: Graph, repetitions: number): Promise<number> {
  const session = await Session.create(encodeModel(lowered), { device });
  const times: number[] = [];
  try {
    for (let i = 0; i <= repetitions; i++) {
      const data = Float32Array.of(0.01);
      const begin = performance.now();
      await session.run({ seed: { type: "float32", shape: [], data } });
      if (i > 0) times.push(performance.now() - begin);
    }
  } finally {
    await session.release();
  }
  return spreadOf(times).median;
}
