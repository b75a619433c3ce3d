/** The worker behind {@link BatchLoader}: reads cases and makes batches of them. */

import { createPipeline, type PipelineChoice } from "../augmentation/nnunet_pipeline.ts";
import type { Shape } from "../array/nd_array.ts";
import { openCase } from "../preprocessing/storage.ts";
import { serve, Transferred } from "../runtime/remote.ts";
import type { BatchBuffers } from "./batch.ts";
import { type BatchSource, type BatchSourceOptions, createBatchSource } from "./batch_source.ts";
import { cacheCases } from "./case_cache.ts";

/** What a worker needs to know; plain data. */
export interface BatchWorkerOptions extends Omit<BatchSourceOptions, "read" | "pipeline"> {
  /** Folder of the preprocessed cases. */
  readonly folder: string;
  /** Spatial shape of the patches, (z, y, x) or (y, x). */
  readonly patchSize: Shape;
  readonly pipeline: PipelineChoice;
  /** Memory for keeping cases, in bytes. */
  readonly cacheBytes: number;
}

let source: BatchSource | undefined;

const api = {
  open({ folder, patchSize, pipeline, cacheBytes, ...rest }: BatchWorkerOptions): void {
    source = createBatchSource({
      ...rest,
      read: cacheCases((name) => openCase(folder, name), cacheBytes),
      pipeline: createPipeline(patchSize, pipeline),
    });
  },

  async make(index: number, buffers?: BatchBuffers) {
    if (!source) throw new Error("Cannot make a batch before the worker was opened");
    const batch = await source(index, buffers);
    return new Transferred(batch, [batch.data.buffer, batch.target.buffer]);
  },
};

/** What the worker serves. */
export type BatchWorkerApi = typeof api;

serve(api);
