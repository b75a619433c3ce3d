/** Prepares a kernel before its first cell. */

import { surviveInterrupts } from "../lib/notebook/interrupt.ts";
import { whenOrphaned } from "./orphan.ts";

/** @param folder The notebook's folder. */
export function begin(folder: string): void {
  Deno.chdir(folder);
  surviveInterrupts();
  whenOrphaned(() => Deno.exit(0)); // Without the launcher, no message arrives.
}
