/** Says which structures of a label map a DICOM segmentation has. */

import { classColor } from "../display/class_colors.ts";
import type { DatasetJson } from "../files/dataset.ts";
import { ignoreName } from "../files/dataset_labels.ts";
import type { ModelFacts } from "../model/model_facts.ts";
import type { Segment } from "../image/dicom/dicom_seg_writer.ts";

/**
 * Returns a segment for each label except the background, with the colour that displays give it. A
 * region is one segment of all its labels, so that regions may overlap.
 */
export function segmentsOf(labels: DatasetJson["labels"]): Segment[] {
  return Object.entries(labels)
    .filter(([name, value]) => name !== ignoreName && value !== 0)
    .map(([name, value], index) => ({
      name,
      labels: typeof value === "number" ? [value] : value,
      color: classColor(index),
    }));
}

/** What a DICOM segmentation says about a model: its structures, and what found them. */
export function segmentationFacts(
  { datasetJson, plansData, configuration }: Pick<
    ModelFacts,
    "datasetJson" | "plansData" | "configuration"
  >,
): { readonly segments: readonly Segment[]; readonly algorithm: string } {
  return {
    segments: segmentsOf(datasetJson.labels),
    algorithm: `nnU-Net ${plansData.datasetName} ${configuration.name}`,
  };
}
