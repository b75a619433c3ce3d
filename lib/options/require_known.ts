/** Rejects misspelled option names, which would otherwise be ignored silently. */

/** Names of all options that an object may have; the compiler requires every one of them. */
export type KnownOptions<Options extends object> = Readonly<
  Record<keyof Options & string, true>
>;

/**
 * Requires that an options object has only known names.
 *
 * @param options The object that the user passed.
 * @param known All names that the object may have.
 * @param action What cannot be done otherwise, for the message, such as `train`.
 * @param parent Name of the option that holds the object, if it is nested in another.
 * @throws {TypeError} If `options` is not an object or has an unknown name; the message says which
 * known name is closest.
 *
 * @example A misspelled name is reported with the closest known name
 * ```ts
 * import assert from "node:assert/strict";
 *
 * interface Options {
 *   readonly epochs?: number;
 *   readonly seed?: number;
 * }
 * const known: KnownOptions<Options> = { epochs: true, seed: true };
 * const misspelled = JSON.parse('{ "epoch": 5 }') as Options;
 * assert.throws(
 *   () => requireKnown(misspelled, known, "train"),
 *   new TypeError('Cannot train: unknown option "epoch"; did you mean "epochs"?'),
 * );
 * ```
 */
export function requireKnown<Options extends object>(
  options: Options,
  known: NoInfer<KnownOptions<Options>>,
  action: string,
  parent?: string,
): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    const found = Array.isArray(options) ? "an array" : String(options);
    throw new TypeError(
      `Cannot ${action}: ${parent ?? "the options argument"} is ${found}, expected an object`,
    );
  }
  const names = Object.keys(known);
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(known, name));
  if (unknown === undefined) return;
  const full = (name: string) => `"${parent === undefined ? name : `${parent}.${name}`}"`;
  const near = nearestName(unknown, names);
  throw new TypeError(
    `Cannot ${action}: unknown option ${full(unknown)}` +
      (near === undefined
        ? `, expected one of ${names.join(", ")}`
        : `; did you mean ${full(near)}?`),
  );
}

/** The known name with the smallest edit distance; undefined if even that one differs too much. */
export function nearestName(unknown: string, names: readonly string[]): string | undefined {
  const plain = (name: string) => name.replaceAll(/[^a-zA-Z0-9]/g, "").toLowerCase();
  const distances = names.map((name) => ({
    name,
    edits: editDistance(plain(unknown), plain(name)),
  }));
  const best = distances.reduce<{ name: string; edits: number } | undefined>(
    (a, b) => a && a.edits <= b.edits ? a : b,
    undefined,
  );
  return best && best.edits <= Math.max(unknown.length, best.name.length) / 2
    ? best.name
    : undefined;
}

/** Number of letters to insert, delete or replace to turn one word into the other (Levenshtein). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 0; i < from.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < to.length; j++) {
      next.push(Math.min(row[j] + (from[i] === to[j] ? 0 : 1), row[j + 1] + 1, next[j] + 1));
    }
    row = next;
  }
  return row[to.length];
}
