/** Estimates the peak memory of a prediction on this machine before any work is done. */

import { type Shape, sizeOf } from "../array/nd_array.ts";
import { MemoryError } from "./memory_error.ts";
import { preprocessingBytes } from "./preprocessing_memory.ts";

/** Sizes that a prediction's memory depends on. */
export interface PredictionSizes {
  /** Input channels of the network. */
  readonly channels: number;
  /** Channels of the logits. */
  readonly heads: number;
  /**
   * Voxels per axis of the uncropped scan: how much is cropped is known only once the voxels are
   * read.
   */
  readonly shape: Shape;
  /** Voxels per axis of the uncropped scan on the plan's grid. */
  readonly resampledShape: Shape;
  /** Voxels per axis of a tile. */
  readonly tileSize: Shape;
  /** Whether all logits are held at once: for probabilities, and where a GPU computes them. */
  readonly wholeLogits: boolean;
  /** Whether the logits of all heads on the scan's grid are held at once, as some resampling needs. */
  readonly wholeProbabilities?: boolean;
  /** Largest number of bytes of unfinished sums of logits, if not all logits are held. */
  readonly unfinishedBytes: number;
  /** Bytes of the networks and their activations. */
  readonly networkBytes: number;
}

/**
 * Estimates the peak memory of predicting one case.
 *
 * @param sizes Sizes of the case and the model.
 * @returns Bytes.
 */
export function predictionBytes(sizes: PredictionSizes): number {
  const { channels, heads, shape, resampledShape, tileSize, wholeLogits, networkBytes } = sizes;
  const before = sizeOf(shape);
  const after = sizeOf(resampledShape);
  // A tile's logits as the network outputs them, summed over mirrored views, and in the cells.
  const tiles = 3 * 4 * heads * sizeOf(tileSize);
  const unfinished = Math.min(sizes.unfinishedBytes, 4 * heads * after);
  const edge = 4 * heads * sizeOf(resampledShape.slice(1));
  const labels = 2 * (heads > 256 ? 2 : 1) * before;
  // Probabilities are computed one head at a time in two arrays, normalised by one double per voxel.
  const all = (wholeLogits ? 8 * heads * after + 20 * before : 0) +
    (sizes.wholeProbabilities ? 4 * heads * before : 0);
  const predicting = 4 * channels * after + tiles + unfinished + edge + labels + all;
  return networkBytes + Math.max(preprocessingBytes(channels, shape, resampledShape), predicting);
}

/**
 * Checks whether a case fits into this machine's memory.
 *
 * @param name The case's name, for the message.
 * @param sizes Sizes of the case and the model.
 * @param limitBytes Bytes that the prediction may take.
 * @throws {MemoryError} If the prediction needs more.
 */
export function requireCaseFits(name: string, sizes: PredictionSizes, limitBytes: number): void {
  const requiredBytes = predictionBytes(sizes);
  if (requiredBytes <= limitBytes) return;
  throw new MemoryError(`Cannot predict "${name}"`, {
    what: `a scan of ${sizes.shape.join(" × ")} voxels`,
    requiredBytes,
    availableBytes: limitBytes,
  });
}
