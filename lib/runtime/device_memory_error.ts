/** Running out of a device's memory, told apart from other failures of ONNX Runtime. */

import type { Device } from "./device.ts";

/** A device had less memory than a graph needs. */
export class DeviceMemoryError extends Error {
  override readonly name = "DeviceMemoryError";
  readonly device: Device;

  constructor(device: Device, { cause }: { readonly cause: Error }) {
    super(
      `Cannot compute on ${device}: its memory is full; close other programs that use it, ` +
        "or use a plan with a smaller patch or batch (plan_and_preprocess with a lower " +
        `-gpu_memory_target); ONNX Runtime says: ${firstLine(cause.message)}`,
      { cause },
    );
    this.device = device;
  }
}

/** What ONNX Runtime's providers write when an allocation fails. */
const signs =
  /failed to allocate|out of (device )?memory|bad_alloc|ALLOC_FAILED|exceeds? the (max|limit)|CreateBuffer/i;

/** The failure of a run or a load, as {@link DeviceMemoryError} where it was one of memory. */
export function explainFailure(device: Device, error: unknown): unknown {
  return error instanceof Error && signs.test(error.message)
    ? new DeviceMemoryError(device, { cause: error })
    : error;
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0];
}
