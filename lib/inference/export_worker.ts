/** Runs in a worker and writes predictions to files. */

import type { NdArray } from "../array/nd_array.ts";
import type { Segmentation } from "../image/image.ts";
import { writeDicomSegmentation } from "../image/dicom/dicom_seg_file.ts";
import { writeImage, writeSegmentation } from "../image/image_files.ts";
import { segmentationAsStored } from "../image/reorient.ts";
import { encodeProperties } from "../interop/case_properties.ts";
import { writeNpz } from "../interop/npz.ts";
import type { ModelFacts } from "../model/model_facts.ts";
import { writeFileAtomically } from "../platform/atomic_write.ts";
import { writeLabelMap } from "../preprocessing/label_map_storage.ts";
import type { CaseProperties } from "../preprocessing/preprocessed_case.ts";
import { serve, Transferred } from "../runtime/remote.ts";
import type { CaseJob, CaseOutput } from "./case_job.ts";
import { segmentationFacts } from "./dicom_segments.ts";
import type { Prediction } from "./prediction.ts";
import { restoreLabels } from "../labels/restore_labels.ts";
import { restoreProbabilities } from "../labels/restore_probabilities.ts";

let facts: ModelFacts;

const api = {
  open(given: ModelFacts): void {
    facts = given;
  },

  /**
   * Writes a case's label maps, and its probabilities if the job asks for them.
   *
   * @param prediction Labels on the grids that `targetGrids()` lists, and logits for probabilities.
   * @returns The scan's label map if the job has no output, otherwise undefined.
   */
  async write(
    { name, output }: Pick<CaseJob, "name" | "output">,
    { labels: [scan, ...nextStages], logits }: Prediction,
    properties: CaseProperties,
  ) {
    if (output?.probabilities && logits) {
      await writeProbabilities(output.probabilities, logits, properties);
    }
    if (output?.probabilityMaps && logits) {
      await writeProbabilityMaps(output.probabilityMaps, logits, properties);
    }
    const segmentation = restoreLabels(scan, properties, facts.plansData);
    if (!output) {
      const stored = segmentationAsStored(segmentation);
      return new Transferred<Segmentation | undefined>(stored, [stored.data.buffer]);
    }
    for (const [i, { folder, shape }] of (output.nextStages ?? []).entries()) {
      await writeLabelMap(folder, name, { shape, data: nextStages[i] });
    }
    if (output.dicomSegmentation) {
      await writeDicomSegmentation(output.dicomSegmentation.file, segmentation, {
        ...output.dicomSegmentation,
        ...segmentationFacts(facts),
      });
    }
    for (const { file, labels } of output.masks ?? []) {
      await writeSegmentation(file, maskOf(segmentation, labels));
    }
    // Written last: a case whose label map exists is complete.
    await writeSegmentation(output.segmentation, segmentation);
    return new Transferred<Segmentation | undefined>(undefined, []);
  },
};

async function writeProbabilities(
  files: NonNullable<CaseOutput["probabilities"]>,
  logits: NdArray<Float32Array<ArrayBuffer>>,
  properties: CaseProperties,
): Promise<void> {
  const probabilities = await restoreProbabilities(logits, { ...facts, properties });
  await writeNpz(files.array, { probabilities });
  await writeFileAtomically(
    files.properties,
    encodeProperties(properties.geometry, properties, facts.plansData.imageReaderWriter),
  );
}

/** Writes a file per head; only one head's probabilities are in memory at a time. */
async function writeProbabilityMaps(
  files: readonly string[],
  logits: NdArray<Float32Array<ArrayBuffer>>,
  properties: CaseProperties,
): Promise<void> {
  const { pieces } = await restoreProbabilities(logits, { ...facts, properties });
  let head = 0;
  for await (const data of pieces) {
    await writeImage(files[head++], {
      geometry: properties.geometry,
      channels: 1,
      data: data as Float32Array<ArrayBuffer>,
    });
  }
}

/** 1 where a label map has one of the labels, else 0. */
function maskOf({ geometry, data }: Segmentation, labels: readonly number[]): Segmentation {
  const mask = new Uint8Array(data.length);
  const isInside = new Uint8Array(1 << 16);
  for (const label of labels) isInside[label] = 1;
  for (let i = 0; i < data.length; i++) mask[i] = isInside[data[i]];
  return { geometry, data: mask };
}

/** The functions that the worker serves. */
export type ExportApi = typeof api;

serve(api);
