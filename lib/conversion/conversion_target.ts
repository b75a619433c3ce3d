/** Where a converted data set goes. */

import { join } from "../platform/paths.ts";
import { listDatasets } from "../dataset/list_datasets.ts";
import { datasetFolderName, type Folders } from "../files/paths.ts";

/**
 * The folder in `nnUNet_raw` for a data set that does not exist yet.
 *
 * @throws {RangeError} If the id or name cannot be used.
 * @throws {Error} If the id is taken in any of nnU-Net's three roots, whatever the name.
 */
export async function newDatasetFolder(
  { id, name }: { readonly id: number; readonly name: string },
  folders: Folders,
): Promise<string> {
  const title = datasetFolderName(id, name);
  if (!Number.isInteger(id) || id < 1 || id > 999 || !/^[\w.-]+$/.test(name)) {
    throw new RangeError(
      `Cannot make ${title}: expected an id from 1 to 999, ` +
        'and a name of letters, digits, "_", "-" and "."',
    );
  }
  const places = await Promise.all(
    [folders.raw, folders.preprocessed, folders.results].map(listDatasets),
  );
  const taken = places.flat().filter((place) => place.id === id).map(({ folder }) => folder);
  if (taken.length > 0) {
    throw new Error(`Cannot make ${title}: found ${taken.join(", ")}, expected a free id`);
  }
  return join(folders.raw, title);
}
