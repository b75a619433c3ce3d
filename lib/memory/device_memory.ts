/** Reads how much memory a device has, if the system reports it. */

import { type GpuMemory, gpuMemory } from "../platform/gpu_memory.ts";
import { systemMemory } from "../platform/system_memory.ts";
import type { Device } from "../runtime/device.ts";
import { processorCount } from "../platform/processors.ts";

/** A device's name and memory. */
export type DeviceMemory = GpuMemory;

/**
 * Reads the name and memory of the GPU, or of this machine for the CPU.
 *
 * @param device The CPU, or any other device for the GPU.
 * @returns Undefined if no driver reports a GPU.
 */
export async function deviceMemory(device: Device): Promise<DeviceMemory | undefined> {
  if (device !== "cpu") return await gpuMemory();
  return { name: `${processorCount()} processors`, ...systemMemory() };
}
