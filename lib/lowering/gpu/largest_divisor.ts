/** Finds how to divide an axis into equal pieces. */

/** Returns the largest divisor of an integer that is at most a limit; 1 if the limit is below 1. */
export function largestDivisor(value: number, limit: number): number {
  for (let divisor = Math.floor(Math.min(value, limit)); divisor > 1; divisor--) {
    if (value % divisor === 0) return divisor;
  }
  return 1;
}
