/** Removes undefined values from options and JSON. */

/** Returns a copy of a record without the keys whose values are undefined. */
export function withoutUndefined<T extends object>(record: T): T {
  return Object.fromEntries(
    Object.entries(record).filter(([, value]) => value !== undefined),
  ) as T;
}
