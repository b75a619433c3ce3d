/** Runs in a kernel before its first cell. */

import { surviveInterrupts } from "../lib/notebook/interrupt.ts";

/** Milliseconds between looks whether the launcher still lives. */
const LOOK_INTERVAL = 2000;

/** @param folder Of the notebook. */
export function begin(folder: string): void {
  Deno.chdir(folder);
  surviveInterrupts();
  // A launcher that was killed leaves nobody to pass messages on.
  const launcher = Deno.ppid;
  const timer = setInterval(() => {
    if (Deno.ppid !== launcher) Deno.exit(0);
  }, LOOK_INTERVAL);
  Deno.unrefTimer(timer);
}
