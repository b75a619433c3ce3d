/** Boxes and axes in pieces. */

import type { Shape } from "../array/nd_array.ts";

/** The largest divisor of a whole number that is not above a limit. */
export function largestDivisor(value: number, limit: number): number {
  for (let divisor = Math.floor(Math.min(value, limit)); divisor > 1; divisor--) {
    if (value % divisor === 0) return divisor;
  }
  return 1;
}

/** All positions in a box, last axis fastest. */
export function positions(box: Shape): number[][] {
  return box.reduce<number[][]>(
    (all, extent) => all.flatMap((p) => Array.from({ length: extent }, (_, i) => [...p, i])),
    [[]],
  );
}

/** Number of a position among a box's {@link positions}. */
export function numberOf(position: readonly number[], box: Shape): number {
  return position.reduce((number, at, axis) => number * box[axis] + at, 0);
}
