/** Checks the scans that a launch segments at its end, before hours or days of training begin. */

import { readDatasetJson } from "../files/dataset_file.ts";
import { requireFolder } from "../files/require_folder.ts";
import { nameSome } from "../files/some_names.ts";
import { describeIgnored } from "../image/ignored_file.ts";
import { selectCases } from "../inference/select_cases.ts";
import { exists, isFolder } from "../platform/files.ts";

/**
 * Judges a folder of scans as a prediction will.
 *
 * @param datasetFile Path of the data set's `dataset.json`, with the models' channels and file ending;
 * undefined if it has none, which is for other commands to report.
 * @returns Sentences about what will not be segmented.
 * @throws {Error} If the folder does not exist or has nothing to segment, or the label maps cannot
 * be written to their folder.
 */
export async function checkScans(
  { input, output }: { readonly input: string; readonly output: string },
  datasetFile: string | undefined,
): Promise<string[]> {
  if (await exists(output) && !await isFolder(output)) {
    throw new Error(`Cannot write label maps to ${output}: it is a file, expected a folder`);
  }
  await requireFolder(input, "predict", "scans");
  if (datasetFile === undefined) return [];
  const datasetJson = await readDatasetJson(datasetFile);
  const { cases, failures, ignored, unnumbered } = await selectCases(input, { datasetJson });
  if (cases.length === 0) throw failures[0];
  return [
    ...describeIgnored(ignored).map((text) => `In ${input}, ignored ${text}`),
    ...unnumbered.length === 0
      ? []
      : [`${nameSome(unnumbered)}: no channel number such as _0000, taken as whole scans`],
    ...failures.map(({ message }) => message),
  ];
}
