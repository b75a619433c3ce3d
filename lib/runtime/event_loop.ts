/** Keeps the calling thread responsive during long work. */

/** Lets timers and messages that are due run before the caller continues. */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
