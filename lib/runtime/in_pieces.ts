/** Runs computations that can pause, at once or without blocking the calling thread. */

import { yieldToEventLoop } from "./event_loop.ts";

/** A computation that may pause where it yields; its result is returned. */
export type Pieces<T> = Generator<void, T, void>;

/** How long pieces run before the event loop has its turn, in milliseconds. */
const TURN = 10;

/** Runs a computation without pausing. */
export function atOnce<T>(computation: Pieces<T>): T {
  while (true) {
    const { done, value } = computation.next();
    if (done) return value;
  }
}

/** Runs a computation and lets timers and messages run when a pause comes after ten milliseconds. */
export async function inPieces<T>(computation: Pieces<T>): Promise<T> {
  let end = performance.now() + TURN;
  while (true) {
    const { done, value } = computation.next();
    if (done) return value;
    if (performance.now() < end) continue;
    await yieldToEventLoop();
    end = performance.now() + TURN;
  }
}
