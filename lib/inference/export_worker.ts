/** The worker that turns logits into files. */

import type { Labels } from "../array/labels.ts";
import type { NdArray } from "../array/nd_array.ts";
import type { Segmentation } from "../image/image.ts";
import { writeSegmentation } from "../image/registry.ts";
import { encodeProperties } from "../interop/case_properties.ts";
import { writeNpz } from "../interop/npz.ts";
import type { ModelFacts } from "../model/model_facts.ts";
import { writeFileAtomically } from "../platform/atomic_write.ts";
import { writeLabelMap } from "../preprocessing/label_map_storage.ts";
import type { CaseProperties } from "../preprocessing/preprocessed_case.ts";
import { serve, Transferred } from "../runtime/remote.ts";
import type { CaseJob } from "./case_job.ts";
import { restoreLabels } from "../labels/restore_labels.ts";
import { restoreProbabilities } from "../labels/restore_probabilities.ts";
import { LabelThreads } from "../labels/label_threads.ts";
import { targetGrids } from "../labels/target_grids.ts";

let facts: ModelFacts;
const labelThreads = new LabelThreads();

const api = {
  open(given: ModelFacts): void {
    facts = given;
  },

  /**
   * Writes a case's label maps; hands the scan's back if it has no place to go.
   *
   * @param labels On the grids that {@link targetGrids} lists.
   */
  async labels(
    job: Pick<CaseJob, "name" | "output">,
    labels: readonly Labels[],
    properties: CaseProperties,
  ) {
    return await write(job, labels, properties);
  },

  /** As `labels`, and writes probabilities. */
  async logits(
    job: Pick<CaseJob, "name" | "output">,
    logits: NdArray<Float32Array<ArrayBuffer>>,
    properties: CaseProperties,
  ) {
    const { plans, configuration, heads } = facts;
    if (job.output?.probabilities) {
      const { array, properties: beside } = job.output.probabilities;
      const probabilities = restoreProbabilities(logits, {
        properties,
        plans,
        configuration,
        heads,
      });
      await writeNpz(array, { probabilities });
      await writeFileAtomically(beside, encodeProperties(properties.geometry, properties));
    }
    const grids = targetGrids(properties, configuration, job.output?.nextStages);
    const labels = await labelThreads.label(
      logits.shape.slice(1),
      grids,
      heads,
      async (visit) => await visit({ ...logits, origin: [0, 0, 0] }),
    );
    return await write(job, labels, properties);
  },
};

async function write(
  { name, output }: Pick<CaseJob, "name" | "output">,
  [scan, ...nextStages]: readonly Labels[],
  properties: CaseProperties,
) {
  const segmentation = restoreLabels(scan, properties, facts.plans);
  if (!output) {
    return new Transferred<Segmentation | undefined>(segmentation, [segmentation.data.buffer]);
  }
  for (const [i, { folder, shape }] of (output.nextStages ?? []).entries()) {
    await writeLabelMap(folder, name, { shape, data: nextStages[i] });
  }
  await writeSegmentation(output.segmentation, segmentation); // Last: a case that has it is done.
  return new Transferred<Segmentation | undefined>(undefined, []);
}

/** What the worker serves. */
export type ExportApi = typeof api;

serve(api);
