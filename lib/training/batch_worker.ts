/** The worker behind {@link BatchLoader}: reads cases and makes batches of them. */

import { compileChoice, type PortableChoice } from "../augmentation/custom_transform.ts";
import { createPipeline, type PipelineChoice } from "../augmentation/nnunet_pipeline.ts";
import type { Shape } from "../array/nd_array.ts";
import { serve, Transferred } from "../runtime/remote.ts";
import type { BatchBuffers } from "./batch.ts";
import { type BatchSource, type BatchSourceOptions, createBatchSource } from "./batch_source.ts";
import { cacheCases } from "./case_cache.ts";
import { openTrainingCase } from "./training_case.ts";

/** The segmentations that a cascade's previous stage made of the training cases. */
export interface PreviousStage {
  /** Has a label map for every case (`writeLabelMap`), on the grid of the preprocessed cases. */
  readonly folder: string;
  /** The foreground labels, which get a channel each. */
  readonly labels: readonly number[];
}

/** What the batches of a training have in common with those of its validation. */
export interface BatchSetup extends Pick<BatchSourceOptions, "batchSize" | "oversampling"> {
  /** Folder of the preprocessed cases. */
  readonly folder: string;
  /** For a cascade. */
  readonly previousStage?: PreviousStage;
  /** Spatial shape of the patches, (z, y, x) or (y, x). */
  readonly patchSize: Shape;
}

/** What a worker needs to know; plain data. */
export interface BatchWorkerOptions
  extends BatchSetup, Pick<BatchSourceOptions, "caseNames" | "seed"> {
  readonly pipeline: PipelineChoice;
  /** Transforms of the user's own, for training. */
  readonly transforms?: PortableChoice;
  /** Memory for keeping cases, in bytes. */
  readonly cacheBytes: number;
}

let source: BatchSource | undefined;

const api = {
  async open(options: BatchWorkerOptions): Promise<void> {
    const { folder, previousStage, patchSize, pipeline, transforms, cacheBytes, ...rest } = options;
    const custom = transforms && await compileChoice(transforms, patchSize);
    const folders = { folder, previousStageFolder: previousStage?.folder };
    source = createBatchSource({
      ...rest,
      read: cacheCases((name) => openTrainingCase(folders, name), cacheBytes),
      pipeline: createPipeline(patchSize, {
        ...pipeline,
        previousStageLabels: previousStage?.labels,
      }, custom),
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
