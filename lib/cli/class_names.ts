/** Parses class names given on the command line. */

import type { ClassNames } from "../dataset/label_names.ts";

/**
 * Parses names of the labels 0, 1, 2, … such as `background,front,back`, or names with the integers
 * used in the files, such as `lobe=255` and `whole=1+2+3,core=2+3,ignore=4`.
 *
 * @returns Names of the labels 1, 2, …, or an object from names to integers.
 * @throws {RangeError} If only some names have integers, an integer is not a whole number, a name
 * occurs twice, or there are fewer than two names without integers.
 */
export function parseClassNames(text: string): ClassNames {
  const parts = text.split(",").map((part) => part.trim()).filter((part) => part !== "");
  const entries = parts.map((part) => part.split("=").map((side) => side.trim()));
  const fail = (expected: string): never => {
    throw new RangeError(`Cannot use --names ${text}: expected ${expected}`);
  };
  if (entries.every(({ length }) => length === 1)) {
    if (parts.length < 2) fail("at least two names, the background's first");
    return parts.slice(1); // Label 0 is the background whatever its name.
  }
  if (
    !entries.every(([name, integers, ...more]) =>
      name !== "" && more.length === 0 && /^\d+(\s*\+\s*\d+)*$/.test(integers ?? "")
    )
  ) fail("NAME=INTEGER, or NAME=INTEGER+INTEGER for a region, for all classes or for none");
  if (new Set(entries.map(([name]) => name)).size !== entries.length) fail("each name once");
  return Object.fromEntries(entries.map(([name, integers]) => {
    const values = integers.split("+").map(Number);
    return [name, values.length === 1 ? values[0] : values];
  }));
}
