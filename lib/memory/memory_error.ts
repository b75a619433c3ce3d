/** Defines the errors for work that needs more memory than it may take. */

import type { Device } from "../runtime/device.ts";
import { formatBytes } from "../options/format_bytes.ts";

/** Work that does not fit into memory. */
export interface MemoryShortage {
  /** What needs the memory, such as "a training step". */
  readonly what: string;
  /** Estimated bytes that it needs; undefined if an allocation failed and the amount is unknown. */
  readonly requiredBytes?: number;
  /** Bytes that it may take; undefined if an allocation failed and the amount is unknown. */
  readonly availableBytes?: number;
  /** What would fit instead, or how to make room. */
  readonly remedy?: string;
}

/**
 * Work needs more memory than it may take.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { MemoryError } from "nnunet";
 *
 * const shortage = { what: "the case", requiredBytes: 3e9, availableBytes: 2e9 };
 * const error = new MemoryError('Cannot preprocess "la_003"', shortage);
 * assert.equal(
 *   error.message,
 *   'Cannot preprocess "la_003": the case needs about 3.00 GB of memory, expected at most 2.00 GB',
 * );
 * ```
 */
export class MemoryError extends Error implements MemoryShortage {
  /** The class's name. */
  override readonly name: string = "MemoryError";
  /** What needs the memory, such as "a training step". */
  readonly what: string;
  /** Estimated bytes that it needs; undefined if an allocation failed. */
  readonly requiredBytes?: number;
  /** Bytes that it may take; undefined if an allocation failed. */
  readonly availableBytes?: number;
  /** What would fit instead, or how to make room. */
  readonly remedy?: string;

  /**
   * Describes the shortage in the message.
   *
   * @param action What cannot be done, the beginning of the message: `Cannot predict "la_003"`.
   * @param shortage What does not fit, and what would.
   * @param options The failure behind it, if one was caught.
   */
  constructor(
    action: string,
    shortage: MemoryShortage,
    options?: { readonly cause?: unknown },
  ) {
    super(`${action}: ${describe(shortage)}`, options);
    this.what = shortage.what;
    this.requiredBytes = shortage.requiredBytes;
    this.availableBytes = shortage.availableBytes;
    this.remedy = shortage.remedy;
  }
}

/**
 * Work needs more of a device's memory than the device has.
 *
 * @example Predicting on the CPU what the GPU cannot hold
 * ```ts ignore
 * import { DeviceMemoryError } from "nnunet";
 *
 * try {
 *   return await onGpu.predict(scan);
 * } catch (error) {
 *   if (error instanceof DeviceMemoryError) return await onCpu.predict(scan);
 *   throw error;
 * }
 * ```
 */
export class DeviceMemoryError extends MemoryError {
  /** The class's name. */
  override readonly name: string = "DeviceMemoryError";
  /** The device whose memory is too small. */
  readonly device: Device;

  /**
   * Describes the shortage in the message, which begins with the device.
   *
   * @param device The device whose memory is too small.
   * @param shortage What does not fit, and what would.
   * @param options ONNX Runtime's failure, if one was caught.
   */
  constructor(
    device: Device,
    shortage: MemoryShortage,
    options?: { readonly cause?: unknown },
  ) {
    super(`Cannot compute on ${device}`, shortage, options);
    this.device = device;
  }
}

function describe({ what, requiredBytes, availableBytes, remedy }: MemoryShortage): string {
  const problem = requiredBytes === undefined || availableBytes === undefined
    ? `its memory is too small for ${what}`
    : `${what} needs about ${formatBytes(requiredBytes)} of memory, ` +
      `expected at most ${formatBytes(availableBytes)}`;
  return remedy === undefined ? problem : `${problem}; ${remedy}`;
}
