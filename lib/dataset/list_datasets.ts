/** Lists the data sets in a folder. */

import { join } from "../platform/paths.ts";
import { exists, listFolderIfPresent } from "../platform/files.ts";

/** A data set's id, name and folder, from the folder's name. */
export interface DatasetPlace {
  readonly id: number;
  readonly name: string;
  readonly folder: string;
}

/** Returns the data sets in `nnUNet_raw`, sorted by id; none if the folder does not exist. */
export async function listDatasets(rawFolder: string): Promise<DatasetPlace[]> {
  const places: DatasetPlace[] = [];
  for await (const { name: folderName } of listFolderIfPresent(rawFolder)) {
    const match = folderName.match(/^Dataset(\d{3})_(.+)$/);
    if (!match) continue;
    places.push({ id: Number(match[1]), name: match[2], folder: join(rawFolder, folderName) });
  }
  return places.sort((a, b) => a.id - b.id || (a.name < b.name ? -1 : 1));
}

/** Says which data sets a folder has, such as `found data sets 1, 4 in RAW`, or that it is missing. */
export async function describeDatasets(
  folder: string,
  places: readonly DatasetPlace[],
): Promise<string> {
  if (places.length > 0) {
    const ids = places.map(({ id }) => id).join(", ");
    return `found data set${places.length > 1 ? "s" : ""} ${ids} in ${folder}`;
  }
  return await exists(folder) ? `found no data sets in ${folder}` : `${folder} does not exist`;
}
