/** Defines the error for targets that exist and may not be replaced. */

/**
 * A file, folder or data set to create exists already, and may not be replaced.
 *
 * @example Creating a data set unless it exists
 * ```ts ignore
 * await Dataset.create(options).catch((error) => {
 *   if (!(error instanceof AlreadyExistsError)) throw error;
 * });
 * ```
 */
export class AlreadyExistsError extends Error {
  override readonly name = "AlreadyExistsError";
  /** The existing file or folder. */
  readonly path: string;

  /**
   * @param path The existing file or folder.
   * @param message What cannot be done, and how to proceed.
   */
  constructor(path: string, message: string) {
    super(message);
    this.path = path;
  }
}
