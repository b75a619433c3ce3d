/** Defines the error for work over many cases that fails at one of them. */

/**
 * Work over many cases failed at one of them. `cause` is the error that made it fail.
 *
 * @example Skipping a case that needs too much memory
 * ```ts ignore
 * import { CaseError, MemoryError } from "nnunet";
 *
 * const failed: string[] = [];
 * await predictor.predictFolder({ input, output }).catch((error) => {
 *   if (!(error instanceof CaseError && error.cause instanceof MemoryError)) throw error;
 *   failed.push(error.caseName);
 * });
 * ```
 */
export class CaseError extends Error {
  /** The class's name. */
  override readonly name = "CaseError";
  /** Name of the case. */
  readonly caseName: string;
  /** The error that made the case fail. */
  override readonly cause: Error;

  /**
   * Names the case and its problem in the message.
   *
   * @param caseName Name of the case.
   * @param action What failed, for the message, such as `predict case "la_003"`.
   * @param cause The error that made it fail.
   */
  constructor(caseName: string, action: string, cause: Error) {
    super(`Cannot ${action}: ${cause.message}`);
    this.caseName = caseName;
    this.cause = cause;
  }
}
