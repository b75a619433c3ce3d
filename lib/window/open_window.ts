/** The sliding window for a device. */

import type { Device } from "../runtime/device.ts";
import { CpuWindow } from "./cpu/cpu_window.ts";
import { DeviceWindow, type DeviceWindowOptions } from "./device/device_window.ts";
import type { SlidingWindow } from "./sliding_window.ts";

/** Where and how to compute. The CPU uses neither `half` nor `limits`. */
export interface OpenWindowOptions extends Omit<DeviceWindowOptions, "device" | "patchesPerPass"> {
  /** The CPU by default. */
  readonly device?: Device;
}

/**
 * Loads networks.
 *
 * On the CPU logits come cell by cell and never exist as a whole unless asked for; on other devices
 * weights, volume and sums stay there until all logits are done.
 *
 * @param models One inference model of this project a fold.
 * @throws {TypeError} If a model is not one of this project.
 * @throws {DeviceMemoryError} If the device has too little memory for a volume of one tile.
 */
export async function openSlidingWindow(
  models: readonly Uint8Array[],
  { device = "cpu", ...options }: OpenWindowOptions,
): Promise<SlidingWindow> {
  return device === "cpu"
    ? await CpuWindow.open(models, options)
    : await DeviceWindow.open(models, { ...options, device });
}
