/** Words errors of writing a file; stands in for `lib/platform/write_error.ts`. */

import { FileError } from "../../platform/file_error.ts";
import { formatBytes } from "../../options/format_bytes.ts";
import { reasonOf } from "../../options/reason_of.ts";
import type { NeededBytes } from "../../platform/write_error.ts";

export type { NeededBytes };

/**
 * Returns the error for a file that could not be written completely.
 *
 * @param path The file; `cause` is about its temporary name or its folder.
 */
export function writeError(
  path: string,
  partial: string,
  cause: unknown,
  needed: NeededBytes,
): Error {
  if (!(cause instanceof FileError)) {
    return new Error(`Cannot write ${path}: ${reasonOf(cause)}`, { cause });
  }
  const space = spaceIfFull(path, cause.code, needed);
  if (cause.path !== partial && space === undefined) {
    // It is about a file that is read meanwhile.
    return new Error(`Cannot write ${path}: ${cause.message}`, { cause });
  }
  return new FileError("write", path, cause.cause, space);
}

/** Returns how much space a file needs if an error means that there is too little. */
export function spaceIfFull(
  _folder: string,
  code: string,
  needed: NeededBytes,
): string | undefined {
  if (code !== "ENOSPC") return undefined;
  const size = typeof needed === "number"
    ? formatBytes(needed)
    : `more than ${formatBytes(needed.moreThan)}`;
  return `the browser lets this site keep no ${size} more`;
}
