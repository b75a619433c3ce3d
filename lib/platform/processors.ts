/** Counts this machine's processors. */

/**
 * Returns the number of logical processors that this process may use. Deno takes into account which
 * are assigned to it and the share of time that its container has.
 */
export function processorCount(): number {
  return navigator.hardwareConcurrency;
}
