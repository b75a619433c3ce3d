/**
 * Prints to the terminal, for all commands.
 *
 * Names of files, labels and data sets come from others and could contain the control sequences by
 * which terminals move the cursor, change their title or run what was typed; they are shown escaped.
 */

import { printable } from "../untrusted/printable.ts";

/**
 * Prints a text, and ends its line.
 *
 * @param text One or several lines.
 */
export function printLine(text: string): void {
  console.log(printable(text, { keepLines: true }));
}

/**
 * Does the same as {@link printLine} for errors and warnings, which go to standard error. Long lines
 * are shortened: a header's entry may be as long as its file.
 */
export function printError(text: string): void {
  console.error(printable(text, { keepLines: true }).split("\n").map(shortened).join("\n"));
}

/** Characters of a line in an error, enough for several paths. */
const LONGEST_LINE = 1200;

function shortened(line: string): string {
  if (line.length <= LONGEST_LINE) return line;
  return `${line.slice(0, LONGEST_LINE * 0.7)} … ${line.slice(-LONGEST_LINE * 0.25)}`;
}
