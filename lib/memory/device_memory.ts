/** How much memory a device has, as far as the system tells. */

import type { Device } from "../runtime/device.ts";
import { readTextFile } from "../platform/files.ts";

/** A device's name and memory. */
export interface DeviceMemory {
  readonly name: string;
  /** Bytes. */
  readonly memory: number;
  /** Bytes that nothing uses. */
  readonly freeMemory: number;
}

/**
 * Name and memory of the GPU, or of this machine for the CPU; undefined where nothing tells.
 *
 * WebGPU itself hides the memory, so for it, too, the driver's own tool is asked.
 */
export async function deviceMemory(device: Device): Promise<Partial<DeviceMemory> | undefined> {
  if (device !== "cpu") return await nvidiaMemory() ?? await amdMemory() ?? appleMemory();
  const { total, available } = Deno.systemMemoryInfo();
  return {
    name: `${navigator.hardwareConcurrency} processors`,
    memory: total,
    freeMemory: available,
  };
}

async function nvidiaMemory(): Promise<DeviceMemory | undefined> {
  try {
    const { success, stdout } = await new Deno.Command("nvidia-smi", {
      args: ["--query-gpu=name,memory.total,memory.free", "--format=csv,noheader,nounits"],
      stderr: "null",
    }).output();
    return success ? parseNvidiaMemory(new TextDecoder().decode(stdout)) : undefined;
  } catch {
    return undefined;
  }
}

/** Reads the first GPU of `nvidia-smi`'s table: name, MiB in all, MiB free. */
export function parseNvidiaMemory(table: string): DeviceMemory | undefined {
  const match = /^(.+), (\d+), (\d+)\s*$/m.exec(table);
  if (!match) return;
  const [, name, total, free] = match;
  return { name, memory: Number(total) * 2 ** 20, freeMemory: Number(free) * 2 ** 20 };
}

/** Linux tells the memory of AMD's GPUs in files. */
async function amdMemory(): Promise<Partial<DeviceMemory> | undefined> {
  if (Deno.build.os !== "linux") return;
  for (let card = 0; card < 4; card++) {
    const folder = `/sys/class/drm/card${card}/device`;
    try {
      const read = async (name: string) => Number(await readTextFile(`${folder}/${name}`));
      const memory = await read("mem_info_vram_total");
      return { memory, freeMemory: memory - await read("mem_info_vram_used") };
    } catch {
      continue;
    }
  }
}

/** Apple's GPUs share the machine's memory. */
function appleMemory(): Partial<DeviceMemory> | undefined {
  if (Deno.build.os !== "darwin") return;
  const { total, available } = Deno.systemMemoryInfo();
  return { memory: total, freeMemory: available };
}
