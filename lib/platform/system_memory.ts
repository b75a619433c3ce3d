/** Reads from the operating system how much memory there is. */

import { containerMemory } from "./container_memory.ts";

/** A machine's memory. */
export interface SystemMemory {
  /** Total memory. */
  readonly memoryBytes: number;
  /** Memory that programs can still allocate. */
  readonly freeMemoryBytes: number;
}

/**
 * Returns the total and the free memory of the machine or, if that is less, of the container or job
 * that this process runs in.
 *
 * @param root Folder that holds `proc` and `sys`, which report the limits of containers.
 */
export function systemMemory(root?: string): SystemMemory {
  const { total, available } = Deno.systemMemoryInfo();
  const { limitBytes = Infinity, freeBytes = Infinity } = containerMemory(root) ?? {};
  return {
    memoryBytes: Math.min(total, limitBytes),
    freeMemoryBytes: Math.min(available, freeBytes),
  };
}
