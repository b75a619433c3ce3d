/** Lists the mirrored views that predictions are averaged over. */

/** Returns every subset of the axes, the empty one first. */
export function mirrorings(axes: readonly number[]): number[][] {
  return axes.reduce<number[][]>(
    (subsets, axis) => [...subsets, ...subsets.map((subset) => [...subset, axis])],
    [[]],
  );
}
