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

/** Does the same as {@link printLine} for errors and warnings, which go to standard error. */
export function printError(text: string): void {
  console.error(printable(text, { keepLines: true }));
}
