/** Defines the error for targets that exist and may not be replaced. */

import { ErrorWithRemedy, type Remedy } from "../options/error_with_remedy.ts";

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
export class AlreadyExistsError extends ErrorWithRemedy {
  /** The class's name. */
  override readonly name: string = "AlreadyExistsError";
  /** The existing file or folder. */
  readonly path: string;

  /**
   * Creates an error.
   *
   * @param path The existing file or folder.
   * @param problem What cannot be done.
   * @param remedy How to proceed.
   */
  constructor(path: string, problem: string, remedy?: Remedy) {
    super(problem, remedy);
    this.path = path;
  }
}
