/** Words errors of writing a file, with the space on the disk if it is full. */

import { statfsSync } from "node:fs";
import { formatBytes } from "../options/format_bytes.ts";
import { reasonOf } from "../options/reason_of.ts";
import { FileError } from "./file_error.ts";
import { dirname } from "./paths.ts";

/** The size of a file that could not be written: known, or only how far writing came. */
export type NeededBytes = number | { readonly moreThan: number };

/**
 * Returns the error for a file that could not be written completely.
 *
 * @param path The file; `cause` is about its temporary name.
 * @param partial The temporary name.
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
  const space = spaceIfFull(dirname(path), cause.code, needed);
  if (cause.path !== partial && space === undefined) {
    // It is about a file that is read meanwhile.
    return new Error(`Cannot write ${path}: ${cause.message}`, { cause });
  }
  return new FileError("write", path, cause.cause, space);
}

/**
 * Returns how much space a file needs and how much is free, if an error means that there is too
 * little.
 *
 * @param code The system's name of the error.
 */
export function spaceIfFull(
  folder: string,
  code: string,
  needed: NeededBytes,
): string | undefined {
  if (code !== "ENOSPC" && code !== "EDQUOT") return undefined;
  const size = typeof needed === "number"
    ? formatBytes(needed)
    : `more than ${formatBytes(needed.moreThan)}`;
  const free = code === "ENOSPC" ? freeBytes(folder) : undefined;
  return `${size} needed` + (free === undefined ? "" : `, ${formatBytes(free)} free`);
}

/** Returns the free bytes of a folder's file system; undefined if the system does not say. */
function freeBytes(folder: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}
