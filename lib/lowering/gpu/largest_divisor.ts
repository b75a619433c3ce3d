/** Cutting an axis into equal pieces. */

/** The largest divisor of a whole number that is at most a limit; 1 if the limit is lower. */
export function largestDivisor(value: number, limit: number): number {
  for (let divisor = Math.floor(Math.min(value, limit)); divisor > 1; divisor--) {
    if (value % divisor === 0) return divisor;
  }
  return 1;
}
