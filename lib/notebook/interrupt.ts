/**
 * Makes Jupyter's stop button stop the work of a cell while the kernel and its state are kept.
 *
 * A listener cannot stop the work itself: the work must observe an abort signal,
 * as all long work of this library does.
 */

import { onKernelInterrupt } from "../platform/notebook_kernel.ts";
import { inNotebook } from "./host.ts";

/**
 * The error that interrupted work fails with.
 *
 * @example
 * ```ts ignore
 * import { Interrupted, interruptible } from "nnunet/notebook";
 *
 * try {
 *   await plans.preprocess(dataset, { signal: interruptible() });
 * } catch (error) {
 *   if (!(error instanceof Interrupted)) throw error;
 * }
 * ```
 */
export class Interrupted extends Error {
  /** Name of the class. */
  override readonly name = "Interrupted";

  /** Makes the error. */
  constructor() {
    super("The cell was stopped; the kernel and its state are kept");
    this.stack = `${this.name}: ${this.message}`; // The stack of the signal listener does not help.
  }
}

let current = new AbortController();
let listening = false;
let handedOut = false;

/**
 * Returns a signal that the next interrupt aborts with {@link Interrupted}. Call it in every cell,
 * since an aborted signal stays aborted.
 *
 * Outside a Jupyter kernel the signal is never aborted, and Ctrl-C ends the program as usual.
 *
 * @returns A signal for the `signal` option of long work.
 *
 * @example Train until the stop button is pressed; running the cell again resumes
 * ```ts ignore
 * import { interruptible } from "nnunet/notebook";
 *
 * for await (const epoch of trainer.fit({ signal: interruptible(), resume: true })) show(epoch);
 * ```
 */
export function interruptible(): AbortSignal {
  if (inNotebook()) surviveInterrupts();
  handedOut = true;
  return current.signal;
}

/** Makes interrupts abort the signals of {@link interruptible} instead of ending the process. */
export function surviveInterrupts(): void {
  if (listening) return;
  listening = true;
  onKernelInterrupt(() => {
    const interrupted = current;
    current = new AbortController();
    if (!handedOut) console.error("This cell cannot be interrupted; restart the kernel to stop it");
    handedOut = false;
    interrupted.abort(new Interrupted());
  });
}
