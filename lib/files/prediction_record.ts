/** Writes nnU-Net's records next to predicted label maps. */

import { join } from "../platform/paths.ts";
import { writeFileAtomically } from "../platform/atomic_write.ts";
import type { PlansData } from "./plans.ts";
import type { DatasetJson } from "./dataset.ts";
import { writeDatasetJson } from "./dataset_file.ts";
import { fileNames } from "./paths.ts";
import { writePlans } from "./plans_file.ts";
import { formatPythonJson } from "./python_json.ts";

/** Arguments of a folder's prediction. */
export interface PredictionArguments {
  readonly input: string;
  readonly output: string;
  readonly saveProbabilities: boolean;
  readonly overwrite: boolean;
  /** For a cascade, the folder of the first stage's label maps. */
  readonly previousStageFolder?: string;
  readonly part: { readonly id: number; readonly of: number };
}

/**
 * Writes `predict_from_raw_data_args.json`, and the `dataset.json` and `plans.json` that ensembling
 * and postprocessing read.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/inference/predict_from_raw_data.py predict_from_files
 */
export async function writePredictionRecord(
  plansData: PlansData,
  datasetJson: DatasetJson,
  { input, output, saveProbabilities, overwrite, previousStageFolder, part }: PredictionArguments,
): Promise<void> {
  const json = {
    list_of_lists_or_source_folder: input,
    output_folder_or_list_of_truncated_output_files: output,
    save_probabilities: saveProbabilities,
    overwrite,
    // One worker reads and one writes.
    num_processes_preprocessing: 1,
    num_processes_segmentation_export: 1,
    folder_with_segs_from_prev_stage: previousStageFolder ?? null,
    num_parts: part.of,
    part_id: part.id,
  };
  await writeFileAtomically(join(output, fileNames.predictionArguments), formatPythonJson(json));
  await writeDatasetJson(join(output, fileNames.dataset), datasetJson);
  await writePlans(join(output, fileNames.resultPlans), plansData);
}
