/**
 * Interrupting a cell: Jupyter's stop button ends what the cell does; kernel and state live on.
 *
 * Jupyter interrupts a kernel by SIGINT, which ends Deno unless somebody listens. Listening alone
 * stops nothing: the work of the cell has to heed a signal, as all long work of this library does.
 */

/** What interrupted work fails with. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";

  constructor() {
    super("The cell was stopped; the kernel and its state live on");
    this.stack = `${this.name}: ${this.message}`; // Where the signal came in helps nobody.
  }
}

let current = new AbortController();
let listening = false;
let lent = false;

/**
 * The signal that the next interrupt aborts, with {@link Interrupted}. Ask for one in every cell:
 * one that was aborted stays so.
 *
 * Outside a Jupyter kernel it is never aborted, and Ctrl-C ends the program as ever.
 *
 * @example A training that the stop button stops, and that goes on where it was
 * ```ts
 * for await (const epoch of trainer.fit({ signal: interruptible(), resume: true })) show(epoch);
 * ```
 */
export function interruptible(): AbortSignal {
  if (inKernel()) surviveInterrupts();
  lent = true;
  return current.signal;
}

/** From now on an interrupt aborts the signals of {@link interruptible} and ends nothing else. */
export function surviveInterrupts(): void {
  if (listening) return;
  listening = true;
  Deno.addSignalListener("SIGINT", () => {
    const interrupted = current;
    current = new AbortController();
    if (!lent) console.error("Nothing here heeds interrupts: restart the kernel to end it");
    lent = false;
    interrupted.abort(new Interrupted());
  });
}

function inKernel(): boolean {
  try {
    return Deno.jupyter !== undefined;
  } catch {
    return false; // Everywhere else the property throws.
  }
}
