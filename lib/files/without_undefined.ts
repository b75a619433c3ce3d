/** Options and JSON where an undefined value means the same as none. */

/** A copy of a record without its keys of value undefined. */
export function withoutUndefined<T extends object>(record: T): T {
  return Object.fromEntries(
    Object.entries(record).filter(([, value]) => value !== undefined),
  ) as T;
}
