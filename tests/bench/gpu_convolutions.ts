/** Ways to convolve on WebGPU, one beside the other. */

import { sizeOf } from "../../lib/array/nd_array.ts";
import { convWeightGradient } from "../../lib/autodiff/derivatives.ts";
import { encodeModel } from "../../lib/graph/encode.ts";
import { Graph, type Value } from "../../lib/graph/graph.ts";
import * as o from "../../lib/graph/operators.ts";
import { lower } from "../../lib/lowering/lower.ts";
import { type WebgpuConvolutions, webgpuLowerings } from "../../lib/lowering/webgpu.ts";
import { webgpuRepairs } from "../../lib/lowering/webgpu_repairs.ts";
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

/** A formulation's time in a layer. */
export interface ConvolutionTime {
  readonly layer: string;
  readonly what: "forward" | "weight gradient";
  readonly way: string;
  readonly milliseconds: number;
  readonly gigaflops: number;
}

/** Measures every formulation in every layer; a line of progress each through `report`. */
export async function measureConvolutions(
  layers: readonly Layer[],
  repetitions: number,
  report: (time: ConvolutionTime) => void,
): Promise<ConvolutionTime[]> {
  const times: ConvolutionTime[] = [];
  for (const [channels, filters, size] of layers) {
    const measure = async (
      what: ConvolutionTime["what"],
      way: string,
      options: WebgpuConvolutions,
    ) => {
      const milliseconds = await timeOf(channels, filters, size, what, options, repetitions);
      const operations = 2 * 27 * channels * filters * sizeOf(size);
      const time = {
        layer: `${channels} → ${filters} on ${size.join("×")}`,
        what,
        way,
        milliseconds,
        gigaflops: operations / milliseconds / 1e6,
      };
      report(time);
      times.push(time);
    };
    await measure("forward", "planes", { forward: "planes" });
    await measure("forward", "direct", { forward: "direct" });
    await measure("weight gradient", "products", { weightGradient: "products" });
    await measure("weight gradient", "convolution", { weightGradient: "convolution" });
  }
  return times;
}

/** Median of a run that gives one number, so that the result's way to the CPU does not count. */
async function timeOf(
  channels: number,
  filters: number,
  size: readonly number[],
  what: ConvolutionTime["what"],
  options: WebgpuConvolutions,
  repetitions: number,
): Promise<number> {
  const graph = new Graph();
  const seed = graph.input("seed", "float32", []);
  // Made on the device of one number, so that the image's way there does not count either.
  const filled = (shape: readonly number[]): Value =>
    o.expand(o.reshape(seed, shape.map(() => 1)), shape);
  const x = filled([1, channels, ...size]);
  const weights = [filters, channels, 3, 3, 3];
  const pads = [1, 1, 1, 1, 1, 1];
  const y = what === "forward"
    ? o.conv(x, filled(weights), null, { pads })
    : convWeightGradient(x, filled([1, filters, ...size]), weights, { pads });
  graph.output("sum", o.reduceSum(y));
  const lowered = [webgpuLowerings(options), webgpuRepairs].reduce(lower, graph);
  const session = await Session.create(encodeModel(lowered), { device: "webgpu" });
  const times: number[] = [];
  for (let i = 0; i <= repetitions; i++) {
    const data = Float32Array.of(0.01);
    const begin = performance.now();
    await session.run({ seed: { type: "float32", shape: [], data } });
    if (i > 0) times.push(performance.now() - begin);
  }
  await session.release();
  return spreadOf(times).median;
}
