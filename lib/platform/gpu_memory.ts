/**
 * Reads the GPU's memory from its driver.
 *
 * WebGPU does not report memory, so the driver's own tools and files are also read for WebGPU
 * devices.
 */

import { type SystemMemory, systemMemory } from "./system_memory.ts";

/** A GPU's memory and, if the driver reports it, its name. */
export interface GpuMemory extends SystemMemory {
  /** The driver's name for the GPU. */
  readonly name?: string;
}

/** Reads the memory of the first GPU; undefined if no driver reports one. */
export async function gpuMemory(): Promise<GpuMemory | undefined> {
  return await nvidiaMemory() ?? await amdMemory() ?? appleMemory();
}

async function nvidiaMemory(): Promise<GpuMemory | undefined> {
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

/** Bytes per unit of `nvidia-smi`. */
const MEBIBYTE = 2 ** 20;

/**
 * Reads the first GPU from `nvidia-smi`'s table.
 *
 * @param table One line per GPU: name, total MiB, free MiB.
 * @returns Undefined if the text has no such line.
 */
export function parseNvidiaMemory(table: string): GpuMemory | undefined {
  const match = /^(.+), (\d+), (\d+)\s*$/m.exec(table);
  if (!match) return;
  const [, name, total, free] = match;
  return {
    name,
    memoryBytes: Number(total) * MEBIBYTE,
    freeMemoryBytes: Number(free) * MEBIBYTE,
  };
}

/** On Linux, AMD's driver reports the memory in files. */
async function amdMemory(): Promise<GpuMemory | undefined> {
  if (Deno.build.os !== "linux") return;
  for (let card = 0; card < 4; card++) {
    const folder = `/sys/class/drm/card${card}/device`;
    try {
      const read = async (name: string) => Number(await Deno.readTextFile(`${folder}/${name}`));
      const memoryBytes = await read("mem_info_vram_total");
      return { memoryBytes, freeMemoryBytes: memoryBytes - await read("mem_info_vram_used") };
    } catch {
      continue;
    }
  }
}

/** Apple's GPUs share the machine's memory. */
function appleMemory(): GpuMemory | undefined {
  return Deno.build.os === "darwin" ? systemMemory() : undefined;
}
