/** Lists the cases of a planned data set, whether or not they are preprocessed. */

import { join } from "../../platform/paths.ts";
import { listTrainingNames } from "../../dataset/cases.ts";
import { readDatasetJson } from "../../files/dataset_file.ts";
import { listFiles } from "../../files/list_files.ts";
import { fileNames } from "../../files/paths.ts";
import { exists } from "../../platform/files.ts";
import { listCases } from "../../preprocessing/case_files.ts";

/** Where a data set's cases are recorded. */
export interface DatasetPlaces {
  /** The data set's folder in `nnUNet_raw`, which may be missing on the machine that trains. */
  readonly rawFolder: string;
  /** The data set's folder in `nnUNet_preprocessed`. */
  readonly folder: string;
  /** Folder of the preprocessed cases of a configuration. */
  readonly casesFolder: string;
  /** The data set's file ending with its dot, such as `.nii.gz`. */
  readonly fileEnding: string;
}

/**
 * Returns the names of the data set's cases: those of the raw data set or, if it is not on this
 * machine, those that had ground truth when the data set was planned.
 *
 * A folder that is only partly preprocessed must not decide which cases there are. It is listed only
 * if neither of the other records exists.
 *
 * @returns Sorted names.
 */
export async function datasetCases(
  { rawFolder, folder, casesFolder, fileEnding }: DatasetPlaces,
): Promise<string[]> {
  const datasetFile = join(rawFolder, fileNames.dataset);
  if (await exists(datasetFile)) {
    const names = await listTrainingNames(rawFolder, await readDatasetJson(datasetFile));
    if (names.length > 0) return names;
  }
  const groundTruth = join(folder, fileNames.groundTruth);
  if (await exists(groundTruth)) {
    const files = await listFiles(groundTruth, fileEnding);
    if (files.length > 0) return files.map((name) => name.slice(0, -fileEnding.length));
  }
  return await listCases(casesFolder);
}
