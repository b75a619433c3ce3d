/** Keeps the calling thread responsive during long work. */

/**
 * Lets timers and messages that are due run before the caller continues, which takes one to three
 * milliseconds. `nextTurn()` takes microseconds, but messages may have to wait for several of its
 * turns.
 */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
