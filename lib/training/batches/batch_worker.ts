/** The worker of {@link BatchLoader}, which reads cases and makes batches of them. */

import { compileChoice, type PortableChoice } from "../../augmentation/custom_transform.ts";
import { createPipeline, type PipelineChoice } from "../../augmentation/nnunet_pipeline.ts";
import type { Shape } from "../../array/nd_array.ts";
import { serve, Transferred } from "../../runtime/remote.ts";
import type { BatchBuffers } from "./batch.ts";
import { type BatchSource, type BatchSourceOptions, createBatchSource } from "./batch_source.ts";
import { cacheCases } from "./case_cache.ts";
import { openPatchSource } from "./patch_source.ts";

/** The training cases' segmentations by a cascade's previous stage. */
export interface PreviousStage {
  /** Folder with a label map of every case (`writeLabelMap()`) on the preprocessed case's grid. */
  readonly folder: string;
  /** The foreground labels, each of which becomes a channel. */
  readonly labels: readonly number[];
}

/** What training and validation batches have in common. */
export interface BatchSetup extends Pick<BatchSourceOptions, "batchSize" | "oversampling"> {
  /** Folder of the preprocessed cases. */
  readonly folder: string;
  /** For a cascade's second stage. */
  readonly previousStage?: PreviousStage;
  /** Spatial shape of the patches, (z, y, x) or (y, x). */
  readonly patchSize: Shape;
}

/** What a worker makes batches from; plain data, so that it can be sent to a worker. */
export interface BatchWorkerOptions
  extends BatchSetup, Pick<BatchSourceOptions, "caseNames" | "seed"> {
  readonly pipeline: PipelineChoice;
  /** The user's transforms, for training only. */
  readonly transforms?: PortableChoice;
  /** Bytes that the worker may use to cache cases. */
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
      read: cacheCases((name) => openPatchSource(folders, name), cacheBytes),
      pipeline: createPipeline(patchSize, {
        ...pipeline,
        previousStageLabels: previousStage?.labels,
      }, custom),
    });
  },

  async make(index: number, buffers?: BatchBuffers) {
    if (!source) throw new Error("Cannot make a batch: the worker has not been opened");
    const batch = await source(index, buffers);
    return new Transferred(batch, [batch.data.buffer, batch.target.buffer]);
  },
};

/** The functions that the worker serves. */
export type BatchWorkerApi = typeof api;

serve(api);
