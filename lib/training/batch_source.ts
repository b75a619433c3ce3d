/** Batches by number: the same number gives the same batch, on whatever thread it is made. */

import type { Pipeline } from "../augmentation/nnunet_pipeline.ts";
import { type Batch, type BatchBuffers, batchGenerator, drawCases, makeBatch } from "./batch.ts";
import type { ReadCase } from "./case_cache.ts";
import type { SamplingOptions } from "./patch_sampler.ts";
import type { TrainingCase } from "./training_case.ts";

/** What batches are made of. */
export interface BatchSourceOptions extends SamplingOptions {
  readonly read: ReadCase;
  /** Cases to draw from, each equally likely. */
  readonly caseNames: readonly string[];
  readonly batchSize: number;
  readonly pipeline: Pipeline;
  readonly seed: number;
}

/** Makes batch `index` of a run, into the given buffers if they fit. */
export type BatchSource = (index: number, buffers?: BatchBuffers) => Promise<Batch>;

/**
 * The batches of a run.
 *
 * The source throws an Error naming the batch and its cases if one cannot be read or used.
 */
export function createBatchSource(options: BatchSourceOptions): BatchSource {
  const { read, caseNames, batchSize, seed } = options;
  return async (index, buffers) => {
    const generator = batchGenerator(seed, index);
    const names = drawCases(generator, caseNames, batchSize);
    try {
      const cases: TrainingCase[] = [];
      for (const name of names) cases.push(await read(name));
      return makeBatch(cases, { ...options, buffers }, generator);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`Cannot make batch ${index} of ${names.join(", ")}: ${reason}`, { cause });
    }
  };
}
