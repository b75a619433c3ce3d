/** The worker of postprocessing: reads a case and tries or applies steps. */

import { compareLabels } from "../evaluation/overlap.ts";
import { readLabelPair } from "../evaluation/read_label_pair.ts";
import type { LabelOrRegion } from "../files/summary.ts";
import { readSegmentation, writeSegmentation } from "../image/image_files.ts";
import { serve } from "../runtime/remote.ts";
import { overlapsOfLargest } from "./component_overlap.ts";
import { applySteps } from "./steps.ts";
import type { PostprocessingStep } from "../files/postprocessing.ts";

/** A predicted label map and its reference. */
export interface ScoredCase {
  readonly referenceFile: string;
  readonly predictionFile: string;
  /** Name of the reader to read both as. */
  readonly reader?: string;
  readonly ignoreLabel?: number;
  readonly declaredLabels?: readonly number[];
}

/** Steps to try on a case. */
export interface TryJob extends ScoredCase {
  readonly steps: readonly PostprocessingStep[];
  readonly labels: readonly LabelOrRegion[];
}

/** Steps to apply to a file, and the path of the result. */
export interface ApplyJob {
  readonly input: string;
  readonly output: string;
  readonly steps: readonly PostprocessingStep[];
}

const api = {
  /** Returns the overlaps of the classes after the steps. */
  async tryOut({ steps, labels, ignoreLabel, ...files }: TryJob) {
    const { reference, prediction } = await readLabelPair(files);
    const { data } = applySteps(prediction, steps);
    return compareLabels(reference.data, data, labels, ignoreLabel);
  },

  /** Returns the overlaps after the steps, and after keeping each class's largest component too. */
  async tryEach({ steps, labels, ignoreLabel, ...files }: TryJob) {
    const { reference, prediction } = await readLabelPair(files);
    applySteps(prediction, steps);
    return {
      before: compareLabels(reference.data, prediction.data, labels, ignoreLabel),
      after: overlapsOfLargest(reference, prediction, labels, ignoreLabel),
    };
  },

  /** Applies steps to a file. */
  async apply({ input, output, steps }: ApplyJob) {
    await writeSegmentation(output, applySteps(await readSegmentation(input), steps));
  },
};

/** Functions of the worker. */
export type PostprocessApi = typeof api;

serve(api);
