/** Measures how much of a device's memory a sliding window's networks need. */

import { sizeOf } from "../../array/nd_array.ts";
import { importedNetwork } from "../../graph/imported_network.ts";
import { peakMemory } from "../../graph/peak_memory.ts";
import type { NetworkNeeds } from "../../memory/window_memory.ts";
import { networkPass, type PassOptions } from "./pass_graphs.ts";

/**
 * Measures how much memory networks need, without the volume that they predict.
 *
 * @param models One inference model of this library per fold, all with the same architecture.
 * @param options What a pass depends on besides the networks.
 */
export function networkNeeds(
  models: readonly Uint8Array[],
  options: PassOptions,
): NetworkNeeds {
  // Folds run one after another.
  const pass = networkPass(models.slice(0, 1), 1, options);
  const { bytes, largestTensorBytes } = peakMemory(pass);
  const weightBytes = pass.constants.reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0);
  const [{ shape: [channels] }] = pass.inputs;
  return {
    weightBytes: models.length * weightBytes,
    patchBytes: bytes - weightBytes,
    largestTensorBytes,
    channels,
    isBatchFree: importedNetwork(models[0]).isBatchFree,
  };
}
