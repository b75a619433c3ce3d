/**
 * Rewrites `nnUNetPlans.json` for another data set.
 *
 * @see MIC-DKFZ/nnUNet@0e495086
 * nnunetv2/experiment_planning/plans_for_pretraining/move_plans_between_datasets.py
 */

import { parsePlans } from "./plans_json.ts";
import { formatPythonJson, parseKeepingFloats, type PythonJson } from "./python_json.ts";

/** What changes in plans when they are moved. */
export interface MovedPlans {
  /** Folder name of the data set that the plans are moved to. */
  readonly datasetName: string;
  /** The plans' name there. */
  readonly plansName: string;
  /** Name of the reader of that data set's images. */
  readonly imageReaderWriter: string;
}

/**
 * Returns the text of plans for another data set. Everything else, keys that this library does not
 * know included, stays as it was.
 *
 * @param text The text of the plans.
 * @param moved What changes.
 * @throws {SyntaxError} If the text is not plans.
 */
export function movedPlans(
  text: string,
  { datasetName, plansName, imageReaderWriter }: MovedPlans,
): string {
  const { plansName: before } = parsePlans(text);
  const plans = parseKeepingFloats(text) as Record<string, PythonJson>;
  const configurations = plans.configurations as Record<string, Record<string, PythonJson>>;
  const renamed = Object.entries(configurations).map(([name, configuration]) => {
    const { data_identifier: identifier } = configuration;
    if (typeof identifier !== "string" || plansName === before) return [name, configuration];
    return [name, {
      ...configuration,
      data_identifier: renamedFolder(identifier, before, plansName),
    }];
  });
  const moved = formatPythonJson({
    ...plans,
    dataset_name: datasetName,
    configurations: Object.fromEntries(renamed),
    image_reader_writer: imageReaderWriter,
    plans_name: plansName,
  }, { sortKeys: false });
  parsePlans(moved); // The new names are checked like those of any file.
  return moved;
}

/** Names the folder of preprocessed cases after the new plans. */
function renamedFolder(folder: string, before: string, after: string): string {
  return folder.startsWith(before) ? after + folder.slice(before.length) : `${after}_${folder}`;
}
