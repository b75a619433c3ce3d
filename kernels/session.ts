/** Prepares a kernel before its first cell. */

import { surviveInterrupts } from "../lib/notebook/interrupt.ts";
import { whenOrphaned } from "./orphan.ts";

/** @param folder The notebook's folder. */
export function begin(folder: string): void {
  const { log } = console; // Cells may replace the console's functions.
  Object.defineProperty(globalThis, Symbol.for("nnunet.kernel"), {
    value: { print: (mark: string) => log(mark) },
  });
  Deno.chdir(folder);
  surviveInterrupts();
  whenOrphaned(() => Deno.exit(0)); // Without the launcher, no message arrives.
}
