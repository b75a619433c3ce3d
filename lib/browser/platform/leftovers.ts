/**
 * What closed pages leave; stands in for `lib/platform/leftovers.ts`. Files that a page had begun
 * are left out when the next page opens what was kept, so there is nothing to look for later.
 */

/** Does nothing: no folder of a page has leftovers. */
export function removeLeftovers(_folder: string): void {}
