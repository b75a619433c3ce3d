/** Finds the files that describe the label maps of a folder. */

import { join } from "../platform/paths.ts";
import { fileNames } from "../files/paths.ts";
import { readPlans } from "../files/plans_file.ts";
import { requireFolder } from "../files/require_folder.ts";
import { exists } from "../platform/files.ts";

/** A folder of predictions, and the options that name its files. */
export interface DescribedFolder {
  /** What is done with the folder, for messages, such as `evaluate`. */
  readonly action: string;
  readonly folder: string;
  /** Path of `dataset.json`, if it was given. */
  readonly datasetFile?: string;
  /** The option for that path. */
  readonly datasetOption: string;
  /** Path of `plans.json`, if it was given. */
  readonly plansFile?: string;
}

/**
 * Returns the path of the `dataset.json` for label maps: the one that was given, or that in their
 * folder, where predictions have it. Plans are read as well, so that swapped files are reported
 * before the work begins.
 *
 * @throws {Error} If the folder does not exist, or has no `dataset.json` and none was given.
 */
export async function datasetFileOf(options: DescribedFolder): Promise<string> {
  const { action, folder, datasetFile, datasetOption, plansFile } = options;
  await requireFolder(folder, action, "label maps");
  const plans = join(folder, fileNames.resultPlans);
  if (plansFile !== undefined) await readPlans(plansFile);
  else if (await exists(plans)) await readPlans(plans);
  if (datasetFile !== undefined) return datasetFile;
  const dataset = join(folder, fileNames.dataset);
  if (await exists(dataset)) return dataset;
  throw new Error(
    `Cannot ${action} ${folder}: it has no ${fileNames.dataset}; pass its path as ${datasetOption}`,
  );
}
