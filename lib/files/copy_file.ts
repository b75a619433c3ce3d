/** Copies files completely or not at all. */

import { fillFileAtomically } from "../platform/atomic_write.ts";
import { FileError } from "../platform/file_error.ts";
import { copyFile, fileInfo, isNotFound } from "../platform/files.ts";
import { reasonOf } from "../options/reason_of.ts";

/**
 * Copies a file unless the target exists, has the same size and is not older than the file's content,
 * nor than its place: an older file may have been put in the place of a newer one.
 *
 * @throws {Error} As {@link copyFileAtomically}.
 */
export async function copyFileIfNewer(from: string, to: string): Promise<void> {
  if (!await isUpToDate(from, to).catch((cause) => fail(from, to, cause))) {
    await copyFileAtomically(from, to);
  }
}

/**
 * Copies a file; missing parent folders are created.
 *
 * @throws {Error} If the copy fails; the message names both paths, and no partial copy remains.
 */
export async function copyFileAtomically(from: string, to: string): Promise<void> {
  try {
    const { size } = await fileInfo(from);
    await fillFileAtomically(to, (partial) => copyFile(from, partial), size);
  } catch (cause) {
    fail(from, to, cause);
  }
}

function fail(from: string, to: string, error: unknown): never {
  const cause = error instanceof Error && error.cause instanceof FileError ? error.cause : error;
  throw new Error(`Cannot copy ${from} to ${to}: ${reasonOf(cause)}`, { cause });
}

async function isUpToDate(from: string, to: string): Promise<boolean> {
  const source = await fileInfo(from);
  const copy = await fileInfo(to).catch((error) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
  if (!copy || copy.size !== source.size) return false;
  const placed = Math.max(source.mtime?.getTime() ?? Infinity, source.ctime?.getTime() ?? 0);
  return (copy.mtime?.getTime() ?? 0) >= placed;
}
