/** Turns the system's errors about files and folders into plain words. */

import { reasonOf } from "../options/reason_of.ts";
import { printable } from "../untrusted/printable.ts";

/**
 * A file or folder cannot be read, written, listed, created, moved or removed.
 *
 * @example Telling a full disk from other errors
 * ```ts
 * import assert from "node:assert/strict";
 * import { FileError } from "nnunet";
 *
 * const error = new FileError("write", "labels/a.nii.gz", { code: "ENOSPC" });
 * assert.equal(error.message, "Cannot write labels/a.nii.gz: the disk is full");
 * assert.equal(error.code, "ENOSPC");
 * ```
 */
export class FileError extends Error {
  /** The class's name. */
  override readonly name = "FileError";
  /** What was tried. */
  readonly action: FileAction;
  /** The file or folder. */
  readonly path: string;
  /** The system's name of the error, such as `ENOENT`; empty if it has none. */
  readonly code: string;
  /** What the system found, in words: the message without action and path. */
  readonly reason: string;

  /**
   * Words the system's error.
   *
   * @param action What was tried: `read`, `write`, `list`, `create`, `move`, `copy` or `remove`.
   * @param path The file or folder.
   * @param cause The system's error.
   * @param detail What else is known, to follow the reason.
   */
  constructor(action: FileAction, path: string, cause: unknown, detail?: string) {
    const code = codeOf(cause);
    const found = path === "" ? "the path is empty" : words(action, code) ?? plain(cause);
    const reason = detail === undefined ? found : `${found}: ${detail}`;
    super(`Cannot ${action} ${printable(path) || '""'}: ${reason}`, { cause });
    this.action = action;
    this.path = path;
    this.code = code;
    this.reason = reason;
  }
}

/** What is tried with a file or folder. */
export type FileAction = "read" | "write" | "list" | "create" | "move" | "copy" | "remove";

/** Errors by the system's names, in words that do not depend on what was tried. */
const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission is denied",
  EBUSY: "it is in use",
  EDQUOT: "the disk quota is used up",
  EEXIST: "it exists already",
  EFBIG: "it would be larger than the file system allows",
  EINVAL: "the system does not accept this path",
  EIO: "the disk reports an input or output error",
  EISDIR: "it is a folder, expected a file",
  ELOOP: "its symbolic links lead in a circle",
  EMFILE: "too many files are open",
  ENAMETOOLONG: "its name is longer than the file system allows",
  ENFILE: "too many files are open",
  ENOENT: "it does not exist",
  ENOMEM: "the system is out of memory",
  ENOSPC: "the disk is full",
  ENOTDIR: "a part of its path is a file, expected folders",
  ENOTEMPTY: "the folder is not empty",
  ENOTCONN: "the network drive is not connected",
  ENXIO: "the device does not exist",
  EPERM: "permission is denied",
  EROFS: "the file system is read-only",
  ESTALE: "the network drive has lost it",
  ETIMEDOUT: "the network drive does not answer",
  ETXTBSY: "it is a program that is running",
  EXDEV: "source and target are on different file systems",
};

function words(action: FileAction, code: string): string | undefined {
  if (code === "ENOENT" && (action === "write" || action === "create")) {
    return "its folder does not exist";
  }
  if (code === "ENOTDIR" && action === "list") return "it is a file, expected a folder";
  if (code === "EINVAL" && action === "copy") return "it is not a file";
  return reasons[code];
}

function codeOf(cause: unknown): string {
  const code = typeof cause === "object" && cause !== null && "code" in cause && cause.code;
  return typeof code === "string" ? code : "";
}

/** Returns the system's own words without its error number and the name of its function. */
function plain(cause: unknown): string {
  const text = reasonOf(cause)
    .replace(/ \(os error \d+\)/g, "")
    .replace(/^E[A-Z]+: /, "")
    .replace(/: [a-z]+ '.*'$/s, "");
  return /^[A-Z][a-z ]/.test(text) ? text[0].toLowerCase() + text.slice(1) : text;
}

/** Awaits work on a file. @throws {FileError} If it fails. */
export async function naming<T>(action: FileAction, path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw cause instanceof FileError ? cause : new FileError(action, path, cause);
  }
}

/** Does synchronous work on a file. @throws {FileError} If it fails. */
export function namingSync<T>(action: FileAction, path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new FileError(action, path, cause);
  }
}

/** Whether no other file could be written either, for example because the disk is full. */
export function isDiskFailure(error: unknown): boolean {
  const cause = error instanceof Error && !(error instanceof FileError) ? error.cause : error;
  if (!(cause instanceof FileError)) return false;
  return ["write", "create", "move"].includes(cause.action) && cause.code !== "ENAMETOOLONG";
}
