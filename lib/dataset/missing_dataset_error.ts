/** Defines the error for ids without a data set. */

/**
 * No data set has the requested id.
 *
 * @example Creating a data set if it does not exist
 * ```ts ignore
 * const dataset = await Dataset.open({ root, id }).catch((error) => {
 *   if (error instanceof MissingDatasetError) return Dataset.create({ root, id, ...source });
 *   throw error;
 * });
 * ```
 */
export class MissingDatasetError extends Error {
  override readonly name = "MissingDatasetError";
  readonly id: number;
  /** The folder that was searched. */
  readonly folder: string;

  /**
   * @param id The requested id.
   * @param folder The folder that was searched.
   * @param found The ids of the data sets in it.
   */
  constructor(id: number, folder: string, found: readonly number[]) {
    super(`Cannot open data set ${id}: found the ids ${found.join(", ") || "none"} in ${folder}`);
    this.id = id;
    this.folder = folder;
  }
}
