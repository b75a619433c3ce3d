/** Counts the processors that a page may use. */

import { hasSharedMemory } from "../../platform/shared_memory.ts";

/** Returns the number of logical processors; 1 without shared memory, which threads need. */
export function processorCount(): number {
  return hasSharedMemory() ? navigator.hardwareConcurrency : 1;
}
