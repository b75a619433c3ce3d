/** Lets timers, messages and displays run between the pieces of long work. */

import { setImmediate } from "node:timers/promises";

/** Resolves after pending events have been handled; takes microseconds if there are none. */
export function nextTurn(): Promise<void> {
  return setImmediate();
}
