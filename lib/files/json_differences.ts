/** Finds where two JSON values differ. */

/** A place at which two values differ. */
export interface JsonDifference {
  /** Keys from the outermost to the innermost; none if the whole values differ in kind. */
  readonly path: readonly string[];
  /** The value before; undefined if it did not exist. */
  readonly before: unknown;
  /** The value after; undefined if it does not exist any more. */
  readonly after: unknown;
}

/** Returns the innermost places at which two values differ. Lists are compared as a whole. */
export function jsonDifferences(
  before: unknown,
  after: unknown,
  path: readonly string[] = [],
): JsonDifference[] {
  if (isRecord(before) && isRecord(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => jsonDifferences(before[key], after[key], [...path, key]));
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ path, before, after }];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
