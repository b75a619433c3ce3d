/** How much memory preprocessing a case takes at most, and how many cases fit at once. */

import { type Shape, sizeOf } from "../array/nd_array.ts";
import { MemoryError } from "./memory_error.ts";

/** Bytes of a worker with ONNX Runtime in it, before it sees a case. */
const WORKER_BYTES = 64e6;

/**
 * Estimates the peak memory of preprocessing one case. Measured peaks lie up to a third below.
 *
 * @param channels Channels of the whole case.
 * @param shape Voxels per axis of the scan, before cropping.
 * @param resampledShape Voxels per axis of the scan on the plan's grid, as if nothing were cropped.
 * @returns Bytes.
 */
export function preprocessingBytes(
  channels: number,
  shape: Shape,
  resampledShape: Shape,
): number {
  const before = sizeOf(shape);
  const after = sizeOf(resampledShape);
  // Channels are read one by one and joined. Then comes the ground truth, at worst as stored and as
  // float32.
  const reading = (channels > 1 ? 8 * channels : 4) * before + 10 * before;
  // Both images, mask and labels; and, to draw locations, positions, partners and their goals.
  const resampling = 4 * channels * (before + after) + 4 * before + 12 * after;
  return WORKER_BYTES + Math.max(reading, resampling);
}

/** A case to preprocess, and what it takes. */
export interface PreprocessingNeeds {
  /** The case's. */
  readonly name: string;
  /** Its peak memory, see {@link preprocessingBytes}. */
  readonly bytes: number;
}

/**
 * Finds how many workers fit into memory, whichever cases they work on at the same time.
 *
 * @param cases All cases to preprocess.
 * @param wanted Most workers.
 * @param limitBytes What all workers may take together.
 * @returns At least 1 and at most `wanted`.
 * @throws {MemoryError} If a case alone takes more than the limit, naming it.
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
