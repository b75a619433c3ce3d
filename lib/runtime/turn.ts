/** Long work in the calling thread, in pieces that nobody notices. */

/** Lets the event loop take a turn: timers and messages that have come due. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
