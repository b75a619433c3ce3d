/** Says how much memory a page may take, which no browser reports. */

import type { SystemMemory } from "../../platform/system_memory.ts";

export type { SystemMemory };

/** Bytes that WebAssembly can address, which is what a network runs in. */
const ADDRESSED_BYTES = 2 ** 32;

/** Share of the machine's memory that a page may take; the system and the browser need some, too. */
const SHARE = 0.45;

/**
 * Returns the memory of a page: what WebAssembly can address, or the page's share of the machine's
 * memory if that is less. Browsers report up to 8 GB, which is assumed where they report nothing.
 */
export function systemMemory(): SystemMemory {
  const { deviceMemory = 8 } = navigator as { readonly deviceMemory?: number };
  const memoryBytes = Math.min(ADDRESSED_BYTES, SHARE * deviceMemory * 2 ** 30);
  return { memoryBytes, freeMemoryBytes: memoryBytes };
}
