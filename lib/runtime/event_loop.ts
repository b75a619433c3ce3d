/** Long work in the calling thread, in pieces short enough that the thread stays responsive. */

/** Lets timers and messages that are due run before the caller continues. */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
