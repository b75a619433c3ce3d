/** Recognises failures of ONNX Runtime that mean a device's memory is full. */

import type { Device } from "../runtime/device.ts";
import { DeviceMemoryError } from "./memory_error.ts";

/** Messages of ONNX Runtime's providers when an allocation fails. */
const allocationMessages =
  /failed to allocate|out of (device )?memory|bad_alloc|ALLOC_FAILED|exceeds? the (max|limit)|CreateBuffer/i;

/**
 * Recognises a failed allocation.
 *
 * @param device The device that a model was loaded on or ran on.
 * @param error What ONNX Runtime threw.
 * @returns A {@link DeviceMemoryError} with `error` as its cause if an allocation failed; otherwise
 * `error` itself.
 */
export function explainFailure(device: Device, error: unknown): unknown {
  if (!(error instanceof Error && allocationMessages.test(error.message))) return error;
  return new DeviceMemoryError(device, {
    what: "the network",
    remedy: "close other programs that use it, or use a plan with a smaller patch or batch " +
      `(a lower \`gpuMemoryTarget\`); ONNX Runtime reports: ${firstLine(error.message)}`,
  }, { cause: error });
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0];
}
