/** Running out of a device's memory, told apart from other failures of ONNX Runtime. */

import type { PeakMemory } from "../graph/peak_memory.ts";
import type { Device } from "../runtime/device.ts";

/** A device had less memory than a graph needs. */
export class DeviceMemoryError extends Error {
  override readonly name = "DeviceMemoryError";
  readonly device: Device;

  constructor(device: Device, reason: string, options?: { readonly cause: Error }) {
    super(`Cannot compute on ${device}: ${reason}`, options);
    this.device = device;
  }
}

/** What a device holds, where that is known. */
export interface DeviceLimits {
  /** Bytes. */
  readonly memory?: number;
  /** Bytes of the largest tensor. */
  readonly largestTensor?: number;
}

/**
 * Checks what a run needs against what a device has, before anything is sent there.
 *
 * @throws {DeviceMemoryError} If it does not fit; the message says how much smaller would.
 */
export function requireFits(
  device: Device,
  { bytes, largest }: PeakMemory,
  { memory = Infinity, largestTensor = Infinity }: DeviceLimits,
): void {
  const share = Math.min(memory / bytes, largestTensor / largest);
  if (share >= 1) return;
  const what = memory < bytes
    ? `a step needs ${gigabytes(bytes)} GB, it has ${gigabytes(memory)}`
    : `the largest tensor has ${gigabytes(largest)} GB, it takes ${gigabytes(largestTensor)}`;
  throw new DeviceMemoryError(
    device,
    `${what}; a plan with ${Math.floor(share * 100)} % of the voxels in a batch would fit: ` +
      `fewer patches, or smaller ones by planning with gpuMemoryTarget at about ` +
      `${Math.floor(share * 100)} % of what it was`,
  );
}

function gigabytes(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(1);
}

/** What ONNX Runtime's providers write when an allocation fails. */
const signs =
  /failed to allocate|out of (device )?memory|bad_alloc|ALLOC_FAILED|exceeds? the (max|limit)|CreateBuffer/i;

/** The failure of a run or a load, as {@link DeviceMemoryError} where it was one of memory. */
export function explainFailure(device: Device, error: unknown): unknown {
  return error instanceof Error && signs.test(error.message)
    ? new DeviceMemoryError(
      device,
      "its memory is full; close other programs that use it, or use a plan with a smaller patch " +
        `or batch (a lower gpuMemoryTarget); ONNX Runtime says: ${firstLine(error.message)}`,
      { cause: error },
    )
    : error;
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0];
}
