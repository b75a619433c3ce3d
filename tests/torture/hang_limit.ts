/** Decides when a command hangs, also on a machine that is busy with other programs. */

import { loadavg } from "node:os";

/** How much a second counts: less if more processes want to run than there are processors. */
export function countedSecond(load: number, processors: number): number {
  return Math.min(1, processors / load);
}

/**
 * Calls a function after some seconds, counted by {@link countedSecond}.
 *
 * @returns Forgets the call.
 */
export function whenHanging(seconds: number, call: () => void): () => void {
  let remaining = seconds;
  const timer = setInterval(() => {
    remaining -= countedSecond(loadavg()[0], navigator.hardwareConcurrency);
    if (remaining > 0) return;
    clearInterval(timer);
    call();
  }, 1000);
  return () => clearInterval(timer);
}
