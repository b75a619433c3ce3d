/** The error of models that cannot be opened. */

/**
 * A model cannot be opened: a file is missing, damaged or of something else, or weights do not fit
 * the plans. `cause` is the error behind it, if there is one.
 *
 * @example Using a model only if there is one
 * ```ts ignore
 * const predictor = await Predictor.open(folder).catch((error) => {
 *   if (error instanceof OpenModelError) return undefined;
 *   throw error;
 * });
 * ```
 */
export class OpenModelError extends Error {
  override readonly name = "OpenModelError";
  /** The folder or file that was opened. */
  readonly path: string;

  /**
   * @param path The folder or file.
   * @param found What is wrong with it, and what is expected.
   * @param options The error behind it, if one was caught.
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
 * @param step What to do.
 * @returns What the step returns.
 * @throws {OpenModelError} If the step throws, with its error as `cause`.
 */
export function orOpenModelError<T>(path: string, step: () => T): T {
  try {
    return step();
  } catch (cause) {
    throw new OpenModelError(path, (cause as Error).message, { cause });
  }
}
