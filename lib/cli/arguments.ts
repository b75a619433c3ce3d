/** Parsers for arguments spelled as on nnU-Net's command line. */

import { requireFileName } from "../untrusted/file_name.ts";

/** What the names of nnU-Net's programs begin with. */
const PROGRAM_PREFIX = "nnUNetv2_";

/**
 * Rewrites a command line of nnU-Net: single-dash long options (`-djfile`, `-step_size=1`) get two
 * dashes, and a program's name (`nnUNetv2_train`) becomes the command's.
 *
 * @param args Arguments of the command line.
 * @returns The arguments, rewritten.
 */
export function asOwnArguments(args: readonly string[]): string[] {
  const named = args[0] === "help" ? 1 : 0;
  return args.map((arg, index) => {
    if (index === named && arg.startsWith(PROGRAM_PREFIX)) return arg.slice(PROGRAM_PREFIX.length);
    // A digit after the letter is the value of a short option, as in `-f0`.
    return /^-[A-Za-z][A-Za-z_]\w*(=.*)?$/s.test(arg) ? `-${arg}` : arg;
  });
}

/**
 * Returns a parser for an option whose value is a whole number.
 *
 * @param option Name of the option, for messages.
 * @param lowest Smallest value allowed.
 * @returns A function that throws a {@link RangeError} if the text is not such a number.
 *
 * @example
 * ```ts
 * import { wholeNumber } from "nnunet/cli";
 * import assert from "node:assert/strict";
 *
 * assert.equal(wholeNumber("--epochs", 1)("20"), 20);
 * assert.throws(() => wholeNumber("--epochs", 1)("0"), /--epochs 0/);
 * ```
 */
export function wholeNumber(option: string, lowest = 0): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= lowest && text.trim() !== "") return value;
    throw new RangeError(
      `Cannot use ${option} ${text}: expected a whole number of at least ${lowest}`,
    );
  };
}

/**
 * Returns a parser for an option whose value is a number above 0.
 *
 * @param option Name of the option, for messages.
 * @returns A function that throws a {@link RangeError} if the text is not such a number.
 *
 * @example
 * ```ts
 * import { positiveNumber } from "nnunet/cli";
 * import assert from "node:assert/strict";
 *
 * assert.equal(positiveNumber("--step_size")("0.5"), 0.5);
 * ```
 */
export function positiveNumber(option: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (value > 0 && Number.isFinite(value)) return value;
    throw new RangeError(`Cannot use ${option} ${text}: expected a number above 0`);
  };
}

/**
 * Returns a parser for an option whose value is a number of at least 0.
 *
 * @param option Name of the option, for messages.
 * @returns A function that throws a {@link RangeError} if the text is not such a number.
 */
export function nonNegativeNumber(option: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (value >= 0 && Number.isFinite(value) && text.trim() !== "") return value;
    throw new RangeError(`Cannot use ${option} ${text}: expected a number of at least 0`);
  };
}

/**
 * Parses the number of a data set, given as the number or as a name like `Dataset004_Hippocampus`.
 *
 * @throws {RangeError} If the text is neither.
 */
export function parseDatasetId(text: string): number {
  const id = Number(/^(?:Dataset)?(\d+)(?:_.+)?$/.exec(text)?.[1]);
  if (id >= 1) return id;
  throw new RangeError(
    `Cannot use data set ${text}: expected a number of at least 1, or a name like Dataset004_Name`,
  );
}

/**
 * Returns a parser for the name of plans, which is the name of a file.
 *
 * @param option Name of the option, for messages.
 * @returns A function that throws a {@link RangeError} if the text is no such name.
 */
export function plansName(option: string): (text: string) => string {
  return (text) => {
    requireFileName(text, `Cannot use ${option}: the name of the plans`);
    return text;
  };
}

/**
 * Splits text at commas, trims the parts and omits empty ones.
 *
 * @param text Text such as `T1, T2`.
 * @returns The parts, in order.
 *
 * @example
 * ```ts
 * import { commaList } from "nnunet/cli";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(commaList("T1, T2,"), ["T1", "T2"]);
 * ```
 */
export function commaList(text: string): string[] {
  return text.split(",").map((word) => word.trim()).filter((word) => word !== "");
}

/**
 * Returns a parser that collects the values of an option that takes several.
 *
 * @param parse Parses one of them.
 */
export function each<T>(parse: (text: string) => T): (text: string, previous?: T[]) => T[] {
  return (text, previous = []) => [...previous, parse(text)];
}

/** Parses one of several data sets as {@link parseDatasetId} does. */
export const parseDatasetIds: (text: string, previous?: number[]) => number[] = each(
  parseDatasetId,
);

/** Parses a fold. @throws {RangeError} If the text is neither `all` nor a whole number. */
export function parseFold(text: string): number | "all" {
  if (text === "all") return text;
  if (/^\d+$/.test(text)) return Number(text);
  throw new RangeError(`Cannot use fold ${text}: expected 0, 1, 2, … or all`);
}
