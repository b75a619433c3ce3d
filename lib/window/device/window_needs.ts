/** Measures the memory that a sliding window needs on a device. */

import { patchesThatFit } from "../../memory/window_memory.ts";
import type { WindowNeeds } from "../sliding_window.ts";
import { paddedSize } from "../tiles.ts";
import type { DeviceWindowOptions } from "./device_window.ts";
import { networkNeeds } from "./network_needs.ts";

/**
 * Measures the needs of a `DeviceWindow`, whose networks and sums are in the device's memory.
 *
 * @param models One inference model of this library per fold.
 */
export function deviceWindowNeeds(
  models: readonly Uint8Array[],
  options: DeviceWindowOptions,
): WindowNeeds {
  const needs = networkNeeds(models, options);
  return {
    holdsAllLogits: true,
    networkBytes: 0,
    requireFits(shape) {
      patchesThatFit(needs, options, paddedSize(shape, options.tileSize), options.limits);
    },
  };
}
