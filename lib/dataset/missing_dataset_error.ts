/** Defines the error for ids without a data set. */

/**
 * No data set has the requested id.
 *
 * @example Opening a data set if it exists
 * ```ts
 * import assert from "node:assert/strict";
 * import { Dataset, MissingDatasetError } from "nnunet";
 *
 * const root = await Deno.makeTempDir();
 * const dataset = await Dataset.open({ root, id: 4 }).catch((error) => {
 *   if (error instanceof MissingDatasetError) return undefined;
 *   throw error;
 * });
 * assert.equal(dataset, undefined);
 * await Deno.remove(root);
 * ```
 */
export class MissingDatasetError extends Error {
  /** The class's name. */
  override readonly name = "MissingDatasetError";
  /** The requested id. */
  readonly id: number;
  /** The folder that was searched. */
  readonly folder: string;

  /**
   * Says in the message what exists.
   *
   * @param id The requested id.
   * @param folder The folder that was searched.
   * @param found What was found, such as `found data sets 1, 4 in RAW`.
   */
  constructor(id: number, folder: string, found: string) {
    super(`Cannot open data set ${id}: ${found}`);
    this.id = id;
    this.folder = folder;
  }
}
