/** Graphs as each device computes them. */

import type { Graph } from "../graph/graph.ts";
import type { Device } from "../runtime/device.ts";
import { blockedLowerings } from "./blocked/lowerings.ts";
import { cpuLowerings } from "./cpu/lowerings.ts";
import { cudaLowerings } from "./gpu/cuda.ts";
import { cudaRepairs } from "./gpu/cuda_repairs.ts";
import { webgpuLowerings } from "./gpu/webgpu.ts";
import { webgpuRepairs } from "./gpu/webgpu_repairs.ts";
import { lower, type LoweringTable } from "./lower.ts";
import { halveConvolutions } from "./mixed_precision.ts";

/** By device, the tables that are applied, one after another. */
const passes: Readonly<Record<Device, readonly LoweringTable[]>> = {
  cpu: [cpuLowerings],
  cuda: [cudaLowerings, cudaRepairs],
  webgpu: [webgpuLowerings, webgpuRepairs],
};

/** A graph in mixed precision, as suits a device; it has to be lowered afterwards. */
export function halveFor(device: Device, graph: Graph): Graph {
  // WebGPU adds float16 values in float16, which is too coarse for sums over voxels.
  return halveConvolutions(graph, { addsInSingle: device === "cuda" });
}

/**
 * A graph in the operators that a device computes fast, and correctly.
 *
 * @param options.channelBlock What `channelBlockOf()` found. Networks then train faster on the CPU, but
 * only on processors with this channel block; 1, the default, uses operators that every processor
 * has.
 */
export function lowerFor(device: Device, graph: Graph, { channelBlock = 1 } = {}): Graph {
  const tables = device === "cpu" && channelBlock > 1
    ? [blockedLowerings(channelBlock)]
    : passes[device];
  return tables.reduce(lower, graph);
}
