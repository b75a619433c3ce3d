/** Checks whether a graph's run fits into a device's memory. */

import type { MemoryNeeds } from "../graph/peak_memory.ts";
import type { Device } from "../runtime/device.ts";
import { DeviceMemoryError } from "./memory_error.ts";

/** A device's memory limits; those left out are unknown and not checked. */
export interface DeviceLimits {
  /** Bytes of all its memory. */
  readonly memoryBytes?: number;
  /** Bytes that one tensor may have. */
  readonly largestTensorBytes?: number;
}

/**
 * Checks whether a training step fits into a device's memory, before anything is sent there.
 *
 * @param device The device, for the message.
 * @param needs Memory that the step needs.
 * @param limits The device's memory limits.
 * @throws {DeviceMemoryError} If the step does not fit; the remedy says which share of the batch's
 * voxels would.
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
      `smaller ones by planning with \`gpuMemoryTarget\` at about ${percent} % of its present value`,
  });
}
