/**
 * Prints to the terminal, for all commands.
 *
 * Names of files, labels and data sets come from others and could contain the control sequences by
 * which terminals move the cursor, change their title or run what was typed; they are shown escaped.
 */

import { printable } from "../untrusted/printable.ts";
import { writeErrorOutput, writeOutput } from "./output.ts";

/**
 * Prints a text, and ends its line.
 *
 * @param text One or several lines.
 * @throws {Error} If that fails and no work can be stopped.
 */
export function printLine(text: string): void {
  writeOutput(`${printable(text, { keepLines: true })}\n`);
}

/**
 * Does the same as {@link printLine} for errors and warnings, which go to standard error. Long lines
 * are shortened: a header's entry may be as long as its file.
 */
export function printError(text: string): void {
  const lines = printable(text, { keepLines: true }).split("\n").map(shortened);
  writeErrorOutput(`${lines.join("\n")}\n`);
}

/** Characters of a line in an error, enough for several paths. */
const LONGEST_LINE = 1200;

function shortened(line: string): string {
  if (line.length <= LONGEST_LINE) return line;
  return `${line.slice(0, LONGEST_LINE * 0.7)} … ${line.slice(-LONGEST_LINE * 0.25)}`;
}

/** Prints an error below the status line, which a terminal may still show. */
export function printLast(text: string): void {
  printError(Deno.stdout.isTerminal() ? `\n${text}` : text);
}
