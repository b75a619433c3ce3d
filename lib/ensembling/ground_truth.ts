/** Where a data set's true label maps are. */

import { join } from "../platform/paths.ts";
import { fileNames, type Folders } from "../files/paths.ts";
import { fileInfo } from "../platform/files.ts";

/**
 * The folder of a data set's reference segmentations: that of the raw data, or the copies that
 * preprocessing left.
 *
 * @param name Of the data set's folder, `Dataset004_Hippocampus`.
 * @throws {Error} If there is neither.
 */
export async function groundTruthFolder(
  folders: Pick<Folders, "raw" | "preprocessed">,
  name: string,
): Promise<string> {
  const places = [
    join(folders.raw, name, fileNames.labelsTr),
    join(folders.preprocessed, name, fileNames.groundTruth),
  ];
  for (const place of places) {
    const found = await fileInfo(place).catch(() => undefined);
    if (found?.isDirectory) return place;
  }
  throw new Error(`Cannot find the true label maps of ${name}: looked for ${places.join(", ")}`);
}
