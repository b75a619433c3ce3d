/** Reports the files of a folder that a command does not take. */

import { describeIgnored, type IgnoredFile } from "../image/ignored_file.ts";
import type { StatusLine } from "./status_line.ts";

/** Prints a line for each reason why files are ignored. */
export function printIgnored(line: StatusLine, ignored: readonly IgnoredFile[]): void {
  for (const text of describeIgnored(ignored)) line.print(`Ignored ${text}`);
}
