/** Copies files completely or not at all. */

import { basename, dirname, join } from "../platform/paths.ts";
import { copyFile, createFolder, fileInfo, isNotFound, remove, rename } from "../platform/files.ts";
import { reasonOf } from "../options/reason_of.ts";

/**
 * Copies a file unless the target exists, has the same size and is not older.
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
  const folder = dirname(to);
  const partial = join(folder, `.${basename(to)}.${crypto.randomUUID().slice(0, 8)}.partial`);
  try {
    await createFolder(folder, { recursive: true });
    await copyFile(from, partial);
    await rename(partial, to);
  } catch (cause) {
    await remove(partial).catch(() => {}); // It may not exist.
    fail(from, to, cause);
  }
}

function fail(from: string, to: string, cause: unknown): never {
  throw new Error(`Cannot copy ${from} to ${to}: ${reasonOf(cause)}`, { cause });
}

async function isUpToDate(from: string, to: string): Promise<boolean> {
  const source = await fileInfo(from);
  const copy = await fileInfo(to).catch((error) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
  if (!copy || copy.size !== source.size) return false;
  return (copy.mtime?.getTime() ?? 0) >= (source.mtime?.getTime() ?? Infinity);
}
