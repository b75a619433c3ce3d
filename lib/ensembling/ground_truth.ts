/** Locates a data set's ground-truth label maps. */

import { join } from "../platform/paths.ts";
import { fileNames } from "../files/paths.ts";
import type { Folders } from "../files/folders.ts";
import { fileInfo } from "../platform/files.ts";

/**
 * Returns the folder of a data set's reference segmentations: that of the raw data, or the copies
 * made by preprocessing.
 *
 * @param name Name of the data set's folder, such as `Dataset004_Hippocampus`.
 * @throws {Error} If neither exists.
 */
export async function groundTruthFolder(
  folders: Pick<Folders, "raw" | "preprocessed">,
  name: string,
): Promise<string> {
  const candidates = [
    join(folders.raw, name, fileNames.labelsTr),
    join(folders.preprocessed, name, fileNames.groundTruth),
  ];
  for (const folder of candidates) {
    const found = await fileInfo(folder).catch(() => undefined);
    if (found?.isDirectory) return folder;
  }
  throw new Error(`Cannot find the ground truth of ${name}: looked for ${candidates.join(", ")}`);
}
