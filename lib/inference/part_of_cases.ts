/** Shares the cases of a folder among several calls. */

/** One of several parts of the cases. */
export interface Part {
  /** Number of the part, from 0. */
  readonly id: number;
  /** Number of parts. */
  readonly of: number;
}

/** @throws {RangeError} If there is no such part. */
export function requirePart({ id, of }: Part): void {
  if (Number.isInteger(id) && Number.isInteger(of) && of >= 1 && id >= 0 && id < of) return;
  throw new RangeError(
    `Cannot predict part ${id} of ${of}: expected a part from 0 to ${Math.max(0, of - 1)}`,
  );
}

/** Names of the cases of a part: every `of`-th by name. */
export function partOf(
  cases: readonly { readonly name: string }[],
  { id, of }: Part,
): ReadonlySet<string> {
  const names = cases.map(({ name }) => name).sort();
  return new Set(names.filter((_, index) => index % of === id));
}
