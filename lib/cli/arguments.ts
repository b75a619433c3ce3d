/** The spelling of nnU-Net's command line. */

/**
 * Turns nnU-Net's long options of one dash (`-djfile`, `-step_size`) into those of two.
 *
 * @example
 * ```ts
 * longDashes(["-d", "4", "-chk", "checkpoint_best.pth"]); // ["-d", "4", "--chk", …]
 * ```
 */
export function longDashes(args: readonly string[]): string[] {
  return args.map((arg) => /^-[A-Za-z]\w+$/.test(arg) ? `-${arg}` : arg);
}

/**
 * A whole number.
 *
 * @throws {RangeError} If it is none or below `lowest`; the message names the option.
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

/** A number above 0. @throws {RangeError} If it is none; the message names the option. */
export function positiveNumber(option: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (value > 0 && Number.isFinite(value)) return value;
    throw new RangeError(`Cannot use ${option} ${text}: expected a number above 0`);
  };
}

/** A number of at least 0. @throws {RangeError} If it is none; the message names the option. */
export function nonNegativeNumber(option: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (value >= 0 && Number.isFinite(value) && text.trim() !== "") return value;
    throw new RangeError(`Cannot use ${option} ${text}: expected a number of at least 0`);
  };
}

/**
 * The number of a data set, from itself or from a name such as `Dataset004_Hippocampus`.
 *
 * @throws {RangeError} If it is neither.
 */
export function parseDatasetId(text: string): number {
  const id = Number(/^(?:Dataset)?(\d+)(?:_.+)?$/.exec(text)?.[1]);
  if (id >= 1) return id;
  throw new RangeError(
    `Cannot use data set ${text}: expected a number from 1 on, or a name like Dataset004_Name`,
  );
}

/** Words separated by commas. */
export function commaList(text: string): string[] {
  return text.split(",").map((word) => word.trim()).filter((word) => word !== "");
}

/** A fold as nnU-Net writes it. @throws {RangeError} If it is neither `all` nor a whole number. */
export function parseFold(text: string): number | "all" {
  if (text === "all") return text;
  if (/^\d+$/.test(text)) return Number(text);
  throw new RangeError(`Cannot use fold ${text}: expected 0, 1, 2, … or all`);
}
