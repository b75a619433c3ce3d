/** Long work in pieces, between which timers, messages and displays get their turn. */

import { setImmediate } from "node:timers/promises";

/** Resolves after what is due has run; takes microseconds where nothing is. */
export function nextTurn(): Promise<void> {
  return setImmediate();
}
