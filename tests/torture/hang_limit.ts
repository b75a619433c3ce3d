/** Decides when a command hangs, also on a machine that is busy with other programs. */

import { loadavg } from "node:os";

/**
 * Calls a function after some seconds. Seconds in which more processes want to run than there are
 * processors count less: half with twice as many.
 *
 * @returns Forgets the call.
 */
export function whenHanging(seconds: number, call: () => void): () => void {
  let remaining = seconds;
  const timer = setInterval(() => {
    remaining -= 1 / Math.max(1, loadavg()[0] / navigator.hardwareConcurrency);
    if (remaining > 0) return;
    clearInterval(timer);
    call();
  }, 1000);
  return () => clearInterval(timer);
}
