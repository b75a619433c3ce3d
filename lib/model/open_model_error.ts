/** Defines the error for models that cannot be opened. */

import { reasonOf } from "../options/reason_of.ts";

/**
 * A model cannot be opened: a file is missing, damaged or not a model, or weights do not fit the
 * plans. `cause` is the underlying error, if there is one.
 *
 * @example A folder without a trained fold
 * ```ts
 * import assert from "node:assert/strict";
 * import { OpenModelError, Predictor } from "nnunet";
 *
 * const folder = await Deno.makeTempDir();
 * const error = await Predictor.open(folder).catch((error) => error);
 * assert(error instanceof OpenModelError);
 * assert.equal(error.path, folder);
 * await Deno.remove(folder);
 * ```
 */
export class OpenModelError extends Error {
  /** The class's name. */
  override readonly name = "OpenModelError";
  /** The folder or file that cannot be opened. */
  readonly path: string;

  /**
   * Describes in the message what is wrong.
   *
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
    throw new OpenModelError(path, reasonOf(cause), { cause });
  }
}
