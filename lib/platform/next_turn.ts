/** Lets timers, messages and displays run between the pieces of long work. */

import { setImmediate } from "node:timers/promises";

/**
 * Resolves after timers that are due have run; takes microseconds if there are none, so that it may
 * be called between thousands of pieces. Messages of workers may take several turns to arrive.
 */
export function nextTurn(): Promise<void> {
  return setImmediate();
}
