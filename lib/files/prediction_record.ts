/** Reads and writes nnU-Net's records next to predicted label maps. */

import { z } from "../packages/zod.ts";
import { join } from "../platform/paths.ts";
import { writeFileAtomically } from "../platform/atomic_write.ts";
import { readTextFile } from "../platform/files.ts";
import type { PlansData } from "./plans.ts";
import type { DatasetJson } from "./dataset.ts";
import { writeDatasetJson } from "./dataset_file.ts";
import { fileNames } from "./paths.ts";
import { writePlans } from "./plans_file.ts";
import { formatPythonJson, parsePythonJson, PythonFloat, type PythonJson } from "./python_json.ts";

/** Arguments of a folder's prediction. */
export interface PredictionArguments {
  readonly input: string;
  readonly output: string;
  readonly saveProbabilities: boolean;
  /** Whether probabilities are written as images, too. */
  readonly probabilityMaps?: boolean;
  /** Whether a mask is written for each label or region. */
  readonly filePerLabel?: boolean;
  readonly overwrite: boolean;
  /** For a cascade, the folder of the first stage's label maps. */
  readonly previousStageFolder?: string;
  readonly part: { readonly id: number; readonly of: number };
}

/** What label maps depend on besides the scans. */
export interface PredictionOrigin {
  /** Name of the data set that the model was trained on. */
  readonly dataset: string;
  /** Name of the plans. */
  readonly plans: string;
  readonly configuration: string;
  readonly trainer?: string;
  readonly folds?: readonly (number | "all")[];
  readonly checkpoint?: string;
  /** Hash of the networks with their weights. */
  readonly networks: string;
  readonly stepSize: number;
  readonly mirroring: boolean;
  readonly gaussian: boolean;
  /** Probabilities above which voxels get a label or belong to a region, by its name. */
  readonly thresholds?: Readonly<Record<string, number>>;
  /** For a cascade, the folder of the first stage's label maps, if it was given. */
  readonly previousStageFolder?: string;
}

/** Key of the origin; nnU-Net's file has only the call's arguments. */
const ORIGIN_KEY = "nnunet_ts";

const originSchema = z.object({
  dataset: z.string(),
  plans: z.string(),
  configuration: z.string(),
  trainer: z.string().optional(),
  folds: z.array(z.union([z.number(), z.literal("all")])).optional(),
  checkpoint: z.string().optional(),
  networks: z.string(),
  stepSize: z.number(),
  mirroring: z.boolean(),
  gaussian: z.boolean(),
  thresholds: z.record(z.string(), z.number()).optional(),
  previousStageFolder: z.string().optional(),
});

/**
 * Returns what the label maps of a folder depend on.
 *
 * @returns Undefined if there is no record, or one by nnU-Net, which does not say.
 */
export async function readPredictionOrigin(
  folder: string,
): Promise<PredictionOrigin | undefined> {
  try {
    const text = await readTextFile(join(folder, fileNames.predictionArguments));
    const record = z.object({ [ORIGIN_KEY]: originSchema }).safeParse(parsePythonJson(text));
    return record.data?.[ORIGIN_KEY];
  } catch {
    return undefined; // There is no such file, or it is no JSON.
  }
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
  args: PredictionArguments,
  origin?: PredictionOrigin,
): Promise<void> {
  const { input, output, saveProbabilities, overwrite, previousStageFolder, part } = args;
  const { probabilityMaps = false, filePerLabel = false } = args;
  const thresholds = Object.entries(origin?.thresholds ?? {})
    .map(([name, value]) => [name, new PythonFloat(value)] as const);
  const json: PythonJson = {
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
    ...origin && {
      [ORIGIN_KEY]: {
        ...origin,
        stepSize: new PythonFloat(origin.stepSize),
        ...thresholds.length > 0 && { thresholds: Object.fromEntries(thresholds) },
        ...probabilityMaps && { probabilityMaps },
        ...filePerLabel && { filePerLabel },
      },
    },
  };
  await writeFileAtomically(join(output, fileNames.predictionArguments), formatPythonJson(json));
  await writeDatasetJson(join(output, fileNames.dataset), datasetJson);
  await writePlans(join(output, fileNames.resultPlans), plansData);
}
