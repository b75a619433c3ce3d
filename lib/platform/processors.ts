/** Counts this machine's processors. */

/** Returns the number of logical processors. */
export function processorCount(): number {
  return navigator.hardwareConcurrency;
}
