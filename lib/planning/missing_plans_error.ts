/** Defines the error for data sets that have not been planned. */

/**
 * A data set has no plans of the requested name.
 *
 * @example Planning a data set unless it has been planned
 * ```ts ignore
 * const plans = await Plans.open({ root, id }).catch((error) => {
 *   if (error instanceof MissingPlansError) return new Planner().plan(dataset);
 *   throw error;
 * });
 * ```
 */
export class MissingPlansError extends Error {
  override readonly name = "MissingPlansError";
  /** The data set's id. */
  readonly id: number;
  readonly plansName: string;
  /** The folder or file that was expected. */
  readonly path: string;

  /**
   * @param plans The requested plans, and the folder or file that was expected.
   * @param found What was found instead.
   * @param options The underlying error, if one was caught.
   */
  constructor(
    plans: { readonly id: number; readonly plansName: string; readonly path: string },
    found: string,
    options?: { readonly cause?: unknown },
  ) {
    super(`Cannot open plans of data set ${plans.id}: ${found}; plan the data set first`, options);
    this.id = plans.id;
    this.plansName = plans.plansName;
    this.path = plans.path;
  }
}
