/** Opens the sliding window for a device, and measures its needs. */

import type { Device } from "../runtime/device.ts";
import { CpuWindow } from "./cpu/cpu_window.ts";
import { cpuWindowNeeds } from "./cpu/window_needs.ts";
import { DeviceWindow, type DeviceWindowOptions } from "./device/device_window.ts";
import { deviceWindowNeeds } from "./device/window_needs.ts";
import { hostWindowNeeds, openHostWindow } from "./device/host_window.ts";
import type { SlidingWindow, WindowNeeds } from "./sliding_window.ts";

/** A sliding window's options. The CPU uses neither `half` nor `limits`. */
export interface OpenWindowOptions extends Omit<DeviceWindowOptions, "device" | "patchesPerPass"> {
  /** The CPU by default. */
  readonly device?: Device;
  /** Whether to sum logits in this machine's memory, not the device's; false by default. */
  readonly sumsOnHost?: boolean;
}

/**
 * Loads networks into a sliding window.
 *
 * On the CPU, logits become final cell by cell and are only held as a whole by `logits()`. On other
 * devices, weights, volume and sums stay on the device until all logits are final, unless
 * `sumsOnHost` is set.
 *
 * @param models One inference model of this library per fold.
 * @param options The device, and how to predict volumes.
 * @throws {TypeError} If a model was not written by this library.
 * @throws {DeviceMemoryError} If the device has too little memory for a volume of one tile.
 */
export async function openSlidingWindow(
  models: readonly Uint8Array[],
  { device = "cpu", sumsOnHost = false, ...options }: OpenWindowOptions,
): Promise<SlidingWindow> {
  return device === "cpu"
    ? await CpuWindow.open(models, options)
    : sumsOnHost
    ? await openHostWindow(models, { ...options, device })
    : await DeviceWindow.open(models, { ...options, device });
}

/**
 * Measures the memory that {@link openSlidingWindow} and its predictions need.
 *
 * @param models One inference model of this library per fold.
 * @param options The device, and how to predict volumes.
 */
export function windowNeeds(
  models: readonly Uint8Array[],
  { device = "cpu", sumsOnHost = false, ...options }: OpenWindowOptions,
): WindowNeeds {
  return device === "cpu"
    ? cpuWindowNeeds(models)
    : sumsOnHost
    ? hostWindowNeeds(models, { ...options, device })
    : deviceWindowNeeds(models, { ...options, device });
}
