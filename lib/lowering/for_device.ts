/** Lowers graphs for each device. */

import type { Graph } from "../graph/graph.ts";
import type { Device } from "../runtime/device.ts";
import { blockedLowerings } from "./blocked/lowerings.ts";
import { cpuLowerings } from "./cpu/lowerings.ts";
import { cudaLowerings } from "./gpu/cuda.ts";
import { cudaRepairs } from "./gpu/cuda_repairs.ts";
import { webgpuLowerings } from "./gpu/webgpu.ts";
import { webgpuRepairs } from "./gpu/webgpu_repairs.ts";
import { atOnce, type Pieces } from "../runtime/in_pieces.ts";
import { type LoweringTable, lowerInPieces } from "./lower.ts";
import { halveConvolutions } from "./mixed_precision.ts";

/** Options of {@link lowerFor}. */
export interface LoweringOptions {
  readonly channelBlock?: number;
}

/** The tables to apply for each device, in order. */
const passes: Readonly<Record<Device, readonly LoweringTable[]>> = {
  cpu: [cpuLowerings],
  cuda: [cudaLowerings, cudaRepairs],
  webgpu: [webgpuLowerings, webgpuRepairs],
};

/** Converts a graph to mixed precision for a device. The result must be lowered afterwards. */
export function halveFor(device: Device, graph: Graph): Graph {
  // WebGPU adds float16 values in float16, which is too imprecise for sums over voxels.
  return halveConvolutions(graph, { addsInSingle: device === "cuda" });
}

/**
 * Rewrites a graph with operators that a device computes fast and correctly.
 *
 * @param options.channelBlock The result of `channelBlockOf()`. Networks then train faster on the
 * CPU, but run only on processors with this channel block; 1, the default, uses operators that
 * every processor supports.
 */
export function lowerFor(device: Device, graph: Graph, options: LoweringOptions = {}): Graph {
  return atOnce(lowerForInPieces(device, graph, options));
}

/** Does what {@link lowerFor} does, and pauses after each node. */
export function* lowerForInPieces(
  device: Device,
  graph: Graph,
  { channelBlock = 1 }: LoweringOptions = {},
): Pieces<Graph> {
  const tables = device === "cpu" && channelBlock > 1
    ? [blockedLowerings(channelBlock)]
    : passes[device];
  for (const table of tables) graph = yield* lowerInPieces(graph, table);
  return graph;
}
