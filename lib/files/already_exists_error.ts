/** Defines the error for targets that exist and may not be replaced. */

/**
 * A file, folder or data set to create exists already, and may not be replaced.
 *
 * @example Copying a file unless it exists
 * ```ts
 * import assert from "node:assert/strict";
 * import { AlreadyExistsError, copyAndRename } from "nnunet";
 *
 * const folder = await Deno.makeTempDir();
 * const [scan, copy] = [`${folder}/scan.nii.gz`, `${folder}/a_0000.nii.gz`];
 * await Deno.writeTextFile(scan, "");
 * await copyAndRename(scan, copy);
 * const error = await copyAndRename(scan, copy).catch((error) => error);
 * assert(error instanceof AlreadyExistsError);
 * assert.equal(error.path, copy);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export class AlreadyExistsError extends Error {
  /** The class's name. */
  override readonly name = "AlreadyExistsError";
  /** The existing file or folder. */
  readonly path: string;

  /**
   * Creates an error with a message of its own.
   *
   * @param path The existing file or folder.
   * @param message What cannot be done, and how to proceed.
   */
  constructor(path: string, message: string) {
    super(message);
    this.path = path;
  }
}
