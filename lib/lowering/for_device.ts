/** Each device's way to compute. */

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

/** By device, what is applied one after another. */
const passes: Readonly<Record<Device, readonly LoweringTable[]>> = {
  cpu: [cpuLowerings],
  cuda: [cudaLowerings, cudaRepairs],
  webgpu: [webgpuLowerings, webgpuRepairs],
};

/** A graph in mixed precision, as a device computes it best; to be lowered then. */
export function halveFor(device: Device, graph: Graph): Graph {
  // WebGPU adds up halves in half precision, and voxels are too many for that.
  return halveConvolutions(graph, { addsInSingle: device === "cuda" });
}

/**
 * A graph in the operators that a device computes fast, and correctly.
 *
 * @param channelBlock What `channelBlockOf()` found; the graph then runs on such processors only.
 * With it networks train faster on the CPU, weights constant or not; 1, which is the
 * default, keeps to operators that every processor has, for files that go elsewhere.
 */
export function lowerFor(device: Device, graph: Graph, { channelBlock = 1 } = {}): Graph {
  const tables = device === "cpu" && channelBlock > 1
    ? [blockedLowerings(channelBlock)]
    : passes[device];
  return tables.reduce(lower, graph);
}
