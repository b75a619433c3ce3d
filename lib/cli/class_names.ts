/** Names of classes as the command line spells them. */

import type { ClassNames } from "../dataset/label_names.ts";

/**
 * Reads `background,front,back`, names of the labels 0, 1, 2, …, or, with the integers that the
 * files have, `lobe=255` and `whole=1+2+3,core=2+3,ignore=4`.
 *
 * @throws {RangeError} If some names have integers and others do not, one is no whole number, a
 * name occurs twice, or there are fewer than two names without integers.
 */
export function parseClassNames(text: string): ClassNames {
  const parts = text.split(",").map((part) => part.trim()).filter((part) => part !== "");
  const entries = parts.map((part) => part.split("=").map((side) => side.trim()));
  const fail = (expected: string): never => {
    throw new RangeError(`Cannot use --names ${text}: expected ${expected}`);
  };
  if (entries.every(({ length }) => length === 1)) {
    if (parts.length < 2) fail("the background's name and one more");
    return parts.slice(1); // Label 0 is the background whatever its name.
  }
  if (
    !entries.every(([name, integers, ...more]) =>
      name !== "" && more.length === 0 && /^\d+(\s*\+\s*\d+)*$/.test(integers ?? "")
    )
  ) fail("NAME=INTEGER, or NAME=INTEGER+INTEGER for a region, for every class or for none");
  if (new Set(entries.map(([name]) => name)).size !== entries.length) fail("different names");
  return Object.fromEntries(entries.map(([name, integers]) => {
    const values = integers.split("+").map(Number);
    return [name, values.length === 1 ? values[0] : values];
  }));
}
