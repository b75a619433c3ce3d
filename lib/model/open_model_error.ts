/** Defines the error for models that cannot be opened. */

/**
 * A model cannot be opened: a file is missing, damaged or not a model, or weights do not fit the
 * plans. `cause` is the underlying error, if there is one.
 *
 * @example Using a model only if it exists
 * ```ts ignore
 * const predictor = await Predictor.open(folder).catch((error) => {
 *   if (error instanceof OpenModelError) return undefined;
 *   throw error;
 * });
 * ```
 */
export class OpenModelError extends Error {
  override readonly name = "OpenModelError";
  /** The folder or file that cannot be opened. */
  readonly path: string;

  /**
   * @param path The folder or file.
   * @param found What is wrong with it, and what is expected.
   * @param options The underlying error, if one was caught.
   */
  constructor(path: string, found: string, options?: { readonly cause?: unknown }) {
    super(`Cannot open model ${path}: ${found}`, options);
    this.path = path;
  }
}

/**
 * Runs a step of opening a model.
 *
 * @param path The folder or file.
 * @param step The function to call.
 * @returns What `step` returns.
 * @throws {OpenModelError} If `step` throws, with its error as `cause`.
 */
export function orOpenModelError<T>(path: string, step: () => T): T {
  try {
    return step();
  } catch (cause) {
    throw new OpenModelError(path, (cause as Error).message, { cause });
  }
}
