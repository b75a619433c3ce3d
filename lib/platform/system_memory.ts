/** How much memory this machine has, as the operating system reports it. */

/** A machine's memory. */
export interface SystemMemory {
  /** All of it. */
  readonly memoryBytes: number;
  /** What programs can still take. */
  readonly freeMemoryBytes: number;
}

/** Reads how much memory this machine has and how much of it is free. */
export function systemMemory(): SystemMemory {
  const { total, available } = Deno.systemMemoryInfo();
  return { memoryBytes: total, freeMemoryBytes: available };
}
