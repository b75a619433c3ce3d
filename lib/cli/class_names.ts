/** Parses class names given on the command line. */

import { type ClassNames, UnnamedLabelsError } from "../dataset/label_names.ts";
import { shellQuoted } from "../options/shell_quoted.ts";
import { commaList } from "./arguments.ts";

/**
 * Parses names of the labels 0, 1, 2, … such as `background,front,back`, or names with the integers
 * used in the files, such as `lobe=255` and `whole=1+2+3,core=2+3,ignore=4`.
 *
 * @returns Names of the labels 1, 2, …, or an object from names to integers.
 * @throws {RangeError} If only some names have integers, an integer is not a whole number, a name
 * occurs twice, or there are fewer than two names without integers.
 */
export function parseClassNames(text: string): ClassNames {
  const parts = commaList(text);
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

/**
 * Says which name is the background's if names for all labels were typed without it.
 *
 * @param error What creating the data set threw.
 * @param text What was typed as `--names`, if anything.
 * @returns The error to throw instead, or the same one.
 */
export function namingBackground(error: unknown, text: string | undefined): unknown {
  const names = commaList(text ?? "");
  const [first] = names;
  if (!(error instanceof UnnamedLabelsError) || first === undefined || text!.includes("=")) {
    return error;
  }
  const labels = [...error.found].filter((label) => label !== 0);
  const isForgotten = first.toLowerCase() !== "background" &&
    labels.every((label) => label <= names.length);
  if (!isForgotten) return error;
  return new RangeError(
    `Cannot name labels: found ${error.found.join(", ")}, and --names ${
      shellQuoted(text!)
    } names ` +
      `only 0 to ${names.length - 1}, since its first name, ${first}, is the background's; type ` +
      `--names ${shellQuoted(["background", ...names].join(","))}`,
    { cause: error },
  );
}
