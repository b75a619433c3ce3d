/** Writes the small label maps of nnU-Net's golden postprocessing decisions to folders. */

import { join } from "@std/path";
import { zyx } from "../../lib/array/nd_array.ts";
import { improvableClasses } from "../../lib/postprocessing/determine.ts";
import { parseDatasetJson } from "../../lib/files/dataset_json.ts";
import { writeSegmentation } from "../../lib/image/image_files.ts";
import golden from "../golden/postprocessing.json" with { type: "json" };

export type GoldenRun = typeof golden.runs[number];
export const goldenRuns = golden.runs;

export const decodeLabels = (digits: string) => Uint8Array.from(digits, Number);

/** Writes `reference/` and `prediction/` of a run to a folder. */
export async function writeGoldenRun(folder: string, { cases }: GoldenRun) {
  const folders = {
    groundTruth: join(folder, "reference"),
    predictions: join(folder, "prediction"),
  };
  const geometry = {
    shape: zyx(golden.shape),
    spacing: [1, 1, 1] as const,
    affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
  };
  for (const [index, { reference, prediction }] of cases.entries()) {
    for (
      const [path, digits] of [[folders.groundTruth, reference], [folders.predictions, prediction]]
    ) {
      await Deno.mkdir(path, { recursive: true });
      const segmentation = { geometry, data: decodeLabels(digits) };
      await writeSegmentation(join(path, `c${index}.nii.gz`), segmentation);
    }
  }
  return folders;
}

/** Returns the classes of a run's `dataset.json`. */
export function classesOf(run: GoldenRun) {
  const { labels } = parseDatasetJson(datasetJsonOf(run), run.name);
  return { ...improvableClasses(labels), fileEnding: ".nii.gz" };
}

/** Returns a run's `dataset.json`. */
export function datasetJsonOf({ labels, regionsClassOrder, cases }: GoldenRun) {
  return {
    channel_names: { 0: "CT" },
    labels,
    regions_class_order: regionsClassOrder,
    numTraining: cases.length,
    file_ending: ".nii.gz",
  };
}
