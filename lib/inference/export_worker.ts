/** The worker that turns logits into files. */

import type { NdArray } from "../array/nd_array.ts";
import type { Segmentation } from "../image/image.ts";
import { writeSegmentation } from "../image/registry.ts";
import { encodeProperties } from "../interop/case_properties.ts";
import { writeNpz } from "../interop/npz.ts";
import { writeFileAtomically } from "../io/atomic_write.ts";
import { writeLabelMap } from "../preprocessing/label_map_storage.ts";
import type { CaseProperties } from "../preprocessing/preprocessed_case.ts";
import { targetSpacing } from "../preprocessing/resampling_rules.ts";
import { serve, Transferred } from "../runtime/remote.ts";
import type { CaseJob, ModelFacts } from "./case_job.ts";
import { exportLogits, exportProbabilities, labelsOnGrid } from "./export.ts";
import { labelRuleOf } from "./label_rule.ts";

let facts: ModelFacts;

const api = {
  open(given: ModelFacts): void {
    facts = given;
  },

  /** Writes a case's results; hands the label map back if it has no place to go. */
  async export(
    { name, output }: Pick<CaseJob, "name" | "output">,
    logits: NdArray<Float32Array<ArrayBuffer>>,
    properties: CaseProperties,
  ) {
    const { plans, configuration, heads } = facts;
    const rule = labelRuleOf(heads);
    const options = { properties, plans, configuration, rule };
    const segmentation = exportLogits(logits, options);
    if (!output) {
      return new Transferred<Segmentation | undefined>(segmentation, [segmentation.data.buffer]);
    }
    for (const { folder, shape } of output.nextStages ?? []) {
      const spacing = targetSpacing(configuration.spacing, properties.spacingAfterTransposing);
      // nnU-Net takes this stage's spacing for both sides, so only it decides what is separated.
      const data = labelsOnGrid(logits, shape, spacing, spacing, rule);
      await writeLabelMap(folder, name, { shape, data });
    }
    if (output.probabilities) {
      const { array, properties: beside } = output.probabilities;
      const probabilities = exportProbabilities(logits, { ...options, heads });
      await writeNpz(array, { probabilities });
      await writeFileAtomically(beside, encodeProperties(properties.geometry, properties));
    }
    await writeSegmentation(output.segmentation, segmentation); // Last: a case that has it is done.
    return new Transferred<Segmentation | undefined>(undefined, []);
  },
};

/** What the worker serves. */
export type ExportApi = typeof api;

serve(api);
