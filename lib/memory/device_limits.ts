/** What a graph's run needs, what a device has, and whether the one fits into the other. */

import type { MemoryNeeds } from "../graph/peak_memory.ts";
import type { Device } from "../runtime/device.ts";
import { DeviceMemoryError } from "./memory_error.ts";

/** What a device holds; what is left out is unknown and not checked. */
export interface DeviceLimits {
  /** All of its memory. */
  readonly memoryBytes?: number;
  /** Bytes that one tensor may have. */
  readonly largestTensorBytes?: number;
}

/**
 * Checks whether a training step fits a device, before anything is sent there.
 *
 * @param device Named in the error.
 * @param needs What the step needs.
 * @param limits What the device holds.
 * @throws {DeviceMemoryError} If the step does not fit; the remedy is the share of the batch's
 * voxels that would.
 */
export function requireStepFits(
  device: Device,
  { bytes, largestTensorBytes }: MemoryNeeds,
  limits: DeviceLimits,
): void {
  const { memoryBytes = Infinity, largestTensorBytes: mostTensorBytes = Infinity } = limits;
  const share = Math.min(memoryBytes / bytes, mostTensorBytes / largestTensorBytes);
  if (share >= 1) return;
  const percent = Math.floor(share * 100);
  throw new DeviceMemoryError(device, {
    ...memoryBytes < bytes
      ? { what: "a training step", requiredBytes: bytes, availableBytes: memoryBytes }
      : {
        what: "the largest tensor of a training step",
        requiredBytes: largestTensorBytes,
        availableBytes: mostTensorBytes,
      },
    remedy: `a plan with ${percent} % of the voxels in a batch would fit: fewer patches, or ` +
      `smaller ones by planning with gpuMemoryTarget at about ${percent} % of its present value`,
  });
}
