/** Estimates how long work will take. */

/** Estimates seconds left from the share that is done, which falls when something new begins. */
export function timeLeft(): (share: number | undefined) => number {
  let [begin, first, last] = [0, 0, Infinity];
  return (share) => {
    const now = performance.now();
    if (share === undefined || share < last) [begin, first] = [now, share ?? 0];
    last = share ?? Infinity;
    return share !== undefined && share > first
      ? (now - begin) / 1000 * (1 - share) / (share - first)
      : NaN;
  };
}
