/** Measures the memory that a sliding window needs on the CPU. */

import type { WindowNeeds } from "../sliding_window.ts";
import { cpuNetworkBytes } from "./cpu_network.ts";

/**
 * Measures the needs of a `CpuWindow`, which holds unfinished logits only.
 *
 * @param models One inference model of this library per fold.
 */
export function cpuWindowNeeds(models: readonly Uint8Array[]): WindowNeeds {
  return { holdsAllLogits: false, networkBytes: cpuNetworkBytes(models), requireFits() {} };
}
