/** Determines the folder of a converted data set. */

import { join } from "../platform/paths.ts";
import { listDatasets } from "../dataset/list_datasets.ts";
import { AlreadyExistsError } from "../files/already_exists_error.ts";
import { datasetFolderName } from "../files/paths.ts";
import type { Folders } from "../files/folders.ts";

/**
 * Returns the folder in `nnUNet_raw` for a new data set.
 *
 * @throws {RangeError} If the id or name is invalid.
 * @throws {AlreadyExistsError} If the id is in use in any of nnU-Net's three folders, under any name.
 */
export async function newDatasetFolder(
  { id, name }: { readonly id: number; readonly name: string },
  folders: Folders,
): Promise<string> {
  const title = datasetFolderName(id, name);
  if (!Number.isInteger(id) || id < 1 || id > 999 || !/^[\w.-]+$/.test(name)) {
    throw new RangeError(
      `Cannot create ${title}: expected an id from 1 to 999 ` +
        'and a name of letters, digits, "_", "-" and "."',
    );
  }
  const places = await Promise.all(
    [folders.raw, folders.preprocessed, folders.results].map(listDatasets),
  );
  const taken = places.flat().filter((place) => place.id === id).map(({ folder }) => folder);
  if (taken.length > 0) {
    throw new AlreadyExistsError(
      taken[0],
      `Cannot create ${title}: found ${taken.join(", ")}, expected an unused id`,
    );
  }
  return join(folders.raw, title);
}
