/** The processors of this machine. */

/** How many threads the processors run at once. */
export function processorCount(): number {
  return navigator.hardwareConcurrency;
}
