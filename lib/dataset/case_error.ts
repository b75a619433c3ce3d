/** Defines the error of a case among many. */

/**
 * One of many cases failed. `cause` is the error that made it fail.
 *
 * @example Counting the cases that need too much memory
 * ```ts ignore
 * import { FailedCasesError, MemoryError } from "nnunet";
 *
 * await predictor.predictFolder({ input, output }).catch((error) => {
 *   if (!(error instanceof FailedCasesError)) throw error;
 *   const large = error.failures.filter(({ cause }) => cause instanceof MemoryError);
 *   console.log(`${large.length} cases are too large for this machine`);
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
  /** What else to know, such as that an older result is still there. */
  readonly note?: string;

  /**
   * Names the case and its problem in the message.
   *
   * @param caseName Name of the case.
   * @param action What failed, for the message, such as `predict case "la_003"`.
   * @param cause The error that made it fail.
   * @param note What else to know, for the message; nothing by default.
   */
  constructor(caseName: string, action: string, cause: Error, note?: string) {
    super(`Cannot ${action}: ${withNote(cause.message, note)}`);
    this.caseName = caseName;
    this.cause = cause;
    this.note = note;
  }
}

/** Appends a note to a message, if there is one. */
export function withNote(message: string, note: string | undefined): string {
  return note === undefined ? message : `${message} (${note})`;
}
