/** Makes batches by index: the same index gives the same batch on every thread. */

import type { Pipeline } from "../../augmentation/nnunet_pipeline.ts";
import { type Batch, type BatchBuffers, batchGenerator, drawCases, makeBatch } from "./batch.ts";
import type { ReadCase } from "./case_cache.ts";
import type { SamplingOptions } from "./patch_sampler.ts";
import type { PatchSource } from "./patch_source.ts";
import { reasonOf } from "../../options/reason_of.ts";

/** Options of {@link createBatchSource}. */
export interface BatchSourceOptions extends SamplingOptions {
  readonly read: ReadCase;
  /** Cases to draw from, each equally likely. */
  readonly caseNames: readonly string[];
  readonly batchSize: number;
  readonly pipeline: Pipeline;
  readonly seed: number;
}

/** Makes batch `index` of a run, in the given buffers if their sizes fit. */
export type BatchSource = (index: number, buffers?: BatchBuffers) => Promise<Batch>;

/**
 * Creates the source of a run's batches.
 *
 * The source throws an Error that names the batch and its cases if one cannot be read or used.
 */
export function createBatchSource(options: BatchSourceOptions): BatchSource {
  const { read, caseNames, batchSize, seed } = options;
  return async (index, buffers) => {
    const generator = batchGenerator(seed, index);
    const names = drawCases(generator, caseNames, batchSize);
    try {
      const cases: PatchSource[] = [];
      for (const name of names) cases.push(await read(name));
      return makeBatch(cases, { ...options, buffers }, generator);
    } catch (cause) {
      const reason = reasonOf(cause);
      throw new Error(`Cannot make batch ${index} of ${names.join(", ")}: ${reason}`, { cause });
    }
  };
}
