/** The GPU's memory, which no browser reports; stands in for `lib/platform/gpu_memory.ts`. */

import type { GpuMemory } from "../../platform/gpu_memory.ts";

export type { GpuMemory };

/** Returns undefined. */
export function gpuMemory(): Promise<GpuMemory | undefined> {
  return Promise.resolve(undefined);
}
