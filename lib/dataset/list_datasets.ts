/** Which data sets there are. */

import { join } from "../platform/paths.ts";
import { listFolderIfPresent } from "../platform/files.ts";

/** A data set's place, told from its folder's name. */
export interface DatasetPlace {
  readonly id: number;
  readonly name: string;
  readonly folder: string;
}

/** The data sets in `nnUNet_raw`, by id; none if that folder does not exist. */
export async function listDatasets(rawFolder: string): Promise<DatasetPlace[]> {
  const places: DatasetPlace[] = [];
  for await (const { name: folderName } of listFolderIfPresent(rawFolder)) {
    const match = folderName.match(/^Dataset(\d{3})_(.+)$/);
    if (!match) continue;
    places.push({ id: Number(match[1]), name: match[2], folder: join(rawFolder, folderName) });
  }
  return places.sort((a, b) => a.id - b.id || (a.name < b.name ? -1 : 1));
}
