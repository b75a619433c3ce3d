/** Reads the machine's memory from the operating system. */

/** A machine's memory. */
export interface SystemMemory {
  /** Total memory. */
  readonly memoryBytes: number;
  /** Memory that programs can still allocate. */
  readonly freeMemoryBytes: number;
}

/** Returns the machine's total and free memory. */
export function systemMemory(): SystemMemory {
  const { total, available } = Deno.systemMemoryInfo();
  return { memoryBytes: total, freeMemoryBytes: available };
}
