/**
 * Hands out one batch of random numbers again and again, to measure training steps without the work
 * that makes their batches.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/training/nnUNetTrainer/variants/benchmarking
 */

import { type Shape, sizeOf } from "../../array/nd_array.ts";
import { createGenerator } from "../../random/generator.ts";
import type { Batch } from "./batch.ts";
import type { BatchStream } from "./batch_stream.ts";

/** The shape and labels of {@link randomBatches}. */
export interface RandomBatchOptions {
  readonly batchSize: number;
  /** Number of the network's input channels. */
  readonly channels: number;
  /** (z, y, x) or (y, x). */
  readonly patchSize: Shape;
  /** Largest integer of a label. */
  readonly largestLabel: number;
  readonly seed: number;
}

/** Creates a stream of copies of one random batch: intensities from [0, 1), and all labels. */
export function randomBatches(options: RandomBatchOptions): BatchStream {
  const { batchSize, channels, patchSize, largestLabel, seed } = options;
  const generator = createGenerator(seed);
  const voxels = batchSize * sizeOf(patchSize);
  const data = Float32Array.from({ length: voxels * channels }, () => generator.uniform());
  const target = Uint8Array.from(
    { length: voxels },
    () => Math.round(generator.uniform() * largestLabel),
  );
  const shape = { batchSize, channels, patchSize };
  const spares: Batch[] = [];
  return {
    next: () =>
      Promise.resolve(
        spares.pop() ?? { data: data.slice(), target: target.slice(), caseNames: [], shape },
      ),
    // Steps do not change a batch.
    recycle: (batch) => void spares.push(batch),
    close: () => void (spares.length = 0),
  };
}
