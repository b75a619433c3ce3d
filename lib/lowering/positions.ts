/** Enumerates positions in a box, such as a kernel's taps or the residues of a stride. */

import type { Shape } from "../array/nd_array.ts";

/** Returns all positions in a box, last axis fastest. */
export function positions(box: Shape): number[][] {
  return box.reduce<number[][]>(
    (all, extent) => all.flatMap((p) => Array.from({ length: extent }, (_, i) => [...p, i])),
    [[]],
  );
}

/** Returns a position's index among a box's {@link positions}. */
export function positionIndex(position: readonly number[], box: Shape): number {
  return position.reduce((index, at, axis) => index * box[axis] + at, 0);
}
