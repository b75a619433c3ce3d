/** Estimates the peak memory of preprocessing, and how many cases fit into memory at once. */

import { type Shape, sizeOf } from "../array/nd_array.ts";
import { MemoryError } from "./memory_error.ts";

/** Bytes of a worker with ONNX Runtime before it reads a case. */
const WORKER_BYTES = 64e6;

/**
 * Estimates the peak memory of preprocessing one case. Measured peaks are up to a third lower.
 *
 * @param channels Number of channels in all files together.
 * @param shape Voxels per axis of the uncropped scan.
 * @param resampledShape Voxels per axis of the uncropped scan on the plan's grid.
 * @returns Bytes.
 */
export function preprocessingBytes(
  channels: number,
  shape: Shape,
  resampledShape: Shape,
): number {
  const before = sizeOf(shape);
  const after = sizeOf(resampledShape);
  // Channels are read one by one and joined; then the ground truth is read, at worst held both as
  // stored and as float32.
  const reading = (channels > 1 ? 8 * channels : 4) * before + 10 * before;
  // Both images, mask and labels; and the arrays for drawing class locations.
  const resampling = 4 * channels * (before + after) + 4 * before + 12 * after;
  return WORKER_BYTES + Math.max(reading, resampling);
}

/** A case to preprocess and the memory that it needs. */
export interface PreprocessingNeeds {
  /** The case's name. */
  readonly name: string;
  /** Its peak memory, see {@link preprocessingBytes}. */
  readonly bytes: number;
}

/**
 * Finds how many workers fit into memory, whichever cases they work on at the same time.
 *
 * @param cases All cases to preprocess.
 * @param wanted Largest number of workers.
 * @param limitBytes Bytes that all workers may take together.
 * @returns At least 1 and at most `wanted`.
 * @throws {MemoryError} If a single case needs more than the limit; the message names it.
 */
export function workersThatFit(
  cases: readonly PreprocessingNeeds[],
  wanted: number,
  limitBytes: number,
): number {
  const large = cases.find(({ bytes }) => bytes > limitBytes);
  if (large) {
    throw new MemoryError(`Cannot preprocess "${large.name}"`, {
      what: "the case",
      requiredBytes: large.bytes,
      availableBytes: limitBytes,
      remedy: "raise the memory limit",
    });
  }
  let total = 0;
  const descending = cases.map(({ bytes }) => bytes).sort((a, b) => b - a);
  const tooMany = descending.findIndex((bytes) => (total += bytes) > limitBytes);
  return Math.max(1, Math.min(wanted, tooMany < 0 ? cases.length : tooMany));
}
