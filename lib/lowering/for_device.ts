/** Each device's way to compute. */

import type { Graph } from "../graph/graph.ts";
import type { Device } from "../runtime/device.ts";
import { cpuLowerings } from "./cpu.ts";
import { cudaLowerings } from "./cuda.ts";
import { lower, type LoweringTable } from "./lower.ts";
import { webgpuLowerings } from "./webgpu.ts";
import { webgpuRepairs } from "./webgpu_repairs.ts";

/** By device, what is applied one after another. */
const passes: Readonly<Record<Device, readonly LoweringTable[]>> = {
  cpu: [cpuLowerings],
  cuda: [cudaLowerings],
  webgpu: [webgpuLowerings(), webgpuRepairs],
};

/** A graph in the operators that a device computes fast, and correctly. */
export function lowerFor(device: Device, graph: Graph): Graph {
  return passes[device].reduce(lower, graph);
}
