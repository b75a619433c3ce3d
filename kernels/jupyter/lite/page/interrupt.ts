/**
 * Signals of work that the stop button ends; stands in for `lib/notebook/interrupt.ts`. JupyterLite
 * does not tell its kernels that the button was pressed, so that only a restart ends work.
 */

/** The error that interrupted work fails with, which is never thrown here. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** Returns a signal that is never aborted. */
export function interruptible(): AbortSignal {
  return new AbortController().signal;
}
