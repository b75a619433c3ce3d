/** Describes a fold's data and opens the loaders of its batches. */

import type { TrainingAugmentation } from "../../augmentation/nnunet_pipeline.ts";
import type { Split } from "../../files/splits_json.ts";
import { BatchLoader, type BatchLoaderOptions } from "./batch_loader.ts";
import type { BatchStream } from "./batch_stream.ts";
import type { BatchSetup } from "./batch_worker.ts";
import { randomBatches, type RandomBatchOptions } from "./random_batches.ts";
import type { DataOptions } from "../training_options.ts";

/** The cases of a fold, and how patches are drawn from them and augmented. */
export interface TrainingData extends BatchSetup, Pick<DataOptions, "transforms"> {
  readonly split: Split;
  readonly augmentation: TrainingAugmentation & Required<Pick<TrainingAugmentation, "mirrorAxes">>;
  /** Number of workers that make training batches. */
  readonly loaders: number;
  /** To train and validate on one random batch instead of cases; undefined for cases. */
  readonly randomBatch?: Pick<RandomBatchOptions, "channels" | "largestLabel">;
}

/** The seed and the next batches of a training. */
export interface BatchPosition {
  readonly seed: number;
  /** Indices of the next batches, from 0. */
  readonly training: number;
  readonly validation: number;
}

/** Added to the seed, so that validation batches use other random numbers than training batches. */
const VALIDATION_STREAM = 0x76616c;

/**
 * Starts the loaders of a fold's training and validation batches.
 *
 * @param owner Closes the loaders when it is disposed of, even if one of them cannot start.
 * @throws {RangeError} If the fold has no cases.
 * @throws {Error} If a worker cannot be started or cannot use a transform.
 */
export async function openLoaders(
  { split, augmentation, transforms, loaders, randomBatch, ...setup }: TrainingData,
  { seed, training, validation }: BatchPosition,
  owner: DisposableStack,
): Promise<{ readonly training: BatchStream; readonly validation: BatchStream }> {
  if (randomBatch) {
    const { batchSize, patchSize } = setup;
    const stream = randomBatches({ ...randomBatch, batchSize, patchSize, seed });
    return { training: stream, validation: stream };
  }
  const options: BatchLoaderOptions[] = [{
    ...setup,
    caseNames: split.train,
    pipeline: { purpose: "training", ...augmentation },
    transforms,
    seed,
    startAt: training,
    workers: loaders,
  }, {
    ...setup,
    caseNames: split.validation,
    pipeline: { purpose: "validation" },
    seed: seed + VALIDATION_STREAM,
    startAt: validation,
  }];
  const opened = await Promise.allSettled(options.map((each) => BatchLoader.open(each)));
  for (const result of opened) {
    if (result.status === "fulfilled") owner.adopt(result.value, (loader) => loader.close());
  }
  const [first, second] = opened.map((result) => {
    if (result.status === "rejected") throw result.reason;
    return result.value;
  });
  return { training: first, validation: second };
}
