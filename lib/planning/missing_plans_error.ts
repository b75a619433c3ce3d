/** Defines the error for data sets that have not been planned. */

import { ErrorWithRemedy } from "../options/error_with_remedy.ts";

/**
 * A data set has no plans of the requested name.
 *
 * @example Opening plans if they exist
 * ```ts
 * import assert from "node:assert/strict";
 * import { MissingPlansError, Plans } from "nnunet";
 *
 * const root = await Deno.makeTempDir();
 * const plans = await Plans.open({ root, id: 4 }).catch((error) => {
 *   if (error instanceof MissingPlansError) return undefined;
 *   throw error;
 * });
 * assert.equal(plans, undefined);
 * await Deno.remove(root);
 * ```
 */
export class MissingPlansError extends ErrorWithRemedy {
  /** The class's name. */
  override readonly name: string = "MissingPlansError";
  /** The data set's id. */
  readonly id: number;
  /** The requested plans' name. */
  readonly plansName: string;
  /** The folder or file that was expected. */
  readonly path: string;

  /**
   * Describes in the message what was found instead.
   *
   * @param plans The requested plans, and the folder or file that was expected.
   * @param found What was found instead.
   * @param options The underlying error, if one was caught.
   */
  constructor(
    plans: { readonly id: number; readonly plansName: string; readonly path: string },
    found: string,
    options?: { readonly cause?: unknown },
  ) {
    super(`Cannot open plans of data set ${plans.id}: ${found}`, "plan", options);
    this.id = plans.id;
    this.plansName = plans.plansName;
    this.path = plans.path;
  }
}
