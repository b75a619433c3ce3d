/** Accesses files and folders in this thread's memory as `lib/platform/files.ts` does on a disk. */

import { FileError } from "../../platform/file_error.ts";
import type { FileInfo, FolderEntry } from "../../platform/files.ts";
import {
  createFile,
  createFolderAt,
  existsAt,
  failure,
  fileAt,
  isFolderAt,
  moveTo,
  namesIn,
  removeAt,
  requireFile,
} from "./memory_files.ts";
import { dirname, join, resolve } from "./paths.ts";

export type { FileInfo, FolderEntry };

/** Returns whether an error means that a file or folder does not exist. */
export function isNotFound(error: unknown): boolean {
  return error instanceof FileError && error.code === "ENOENT";
}

/** Returns information about a file or folder. @throws {FileError} If it does not exist. */
// deno-lint-ignore require-await -- errors reject, as those of a disk do; so in what follows
export async function fileInfo(path: string): Promise<FileInfo> {
  if (isFolderAt(path)) return { isFile: false, isDirectory: true, size: 0, mtime: null };
  const { size, changed } = requireFile("read", path);
  return { isFile: true, isDirectory: false, size, mtime: changed };
}

/** Returns whether there is a file or folder at a path. */
export function exists(path: string): Promise<boolean> {
  return Promise.resolve(existsSync(path));
}

/** Does the same as {@link exists}, but synchronously. */
export function existsSync(path: string): boolean {
  return existsAt(path);
}

/** Returns the same as {@link exists}: there are no symbolic links. */
export function isTaken(path: string): Promise<boolean> {
  return exists(path);
}

/** Returns whether two paths lead to the same file or folder; false if one does not exist. */
export async function sameFile(a: string, b: string): Promise<boolean> {
  return await exists(a) && resolve(a) === resolve(b);
}

/** Returns whether there is a folder at a path. */
export function isFolder(path: string): Promise<boolean> {
  return Promise.resolve(isFolderAt(path));
}

/** Lists a folder. @throws {FileError} If it does not exist. */
export async function* listFolder(folder: string): AsyncGenerator<FolderEntry> {
  for (const name of namesIn(folder)) {
    const isDirectory = isFolderAt(join(folder, name));
    yield { name, isFile: !isDirectory, isDirectory };
  }
}

/** Lists a folder; lists nothing if it does not exist. */
export async function* listFolderIfPresent(folder: string): AsyncGenerator<FolderEntry> {
  if (await exists(folder)) yield* listFolder(folder);
}

/**
 * Creates a folder.
 *
 * @param options.recursive Whether to create its parents too and accept that it exists.
 * @throws {FileError} If it exists or its parent does not, unless `recursive` is true.
 */
export async function createFolder(
  folder: string,
  options?: { recursive?: boolean },
): Promise<void> {
  if (options?.recursive) {
    if (isFolderAt(folder)) return;
    await createFolder(dirname(resolve(folder)), options);
  }
  createFolderAt(folder);
}

/**
 * Removes a file or folder.
 *
 * @param options.recursive Whether to remove a folder's content too.
 * @throws {FileError} If it does not exist, or is a non-empty folder and `recursive` is not true.
 */
// deno-lint-ignore require-await
export async function remove(path: string, options?: { recursive?: boolean }): Promise<void> {
  if (!options?.recursive && isFolderAt(path) && namesIn(path).length > 0) {
    throw failure("remove", path, "ENOTEMPTY");
  }
  removeAt(path);
}

/** Removes a file or folder as {@link remove} does, if it exists. */
export async function removeIfPresent(
  path: string,
  options?: { recursive?: boolean },
): Promise<void> {
  if (await exists(path)) await remove(path, options);
}

/** Moves a file or folder, replacing a file at the new path. */
// deno-lint-ignore require-await
export async function rename(from: string, to: string): Promise<void> {
  moveTo(from, to);
}

/** Copies a file, replacing one at the new path. */
// deno-lint-ignore require-await
export async function copyFile(from: string, to: string): Promise<void> {
  const content = requireFile("copy", from).content();
  createFile(to).write(0, content);
}

/** Reads a whole file. @throws {FileError} If it does not exist. */
// deno-lint-ignore require-await
export async function readFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return requireFile("read", path).content();
}

/** Reads a whole file as UTF-8. @throws {FileError} If it does not exist. */
export async function readTextFile(path: string): Promise<string> {
  return new TextDecoder().decode(await readFile(path));
}

/** Writes a file, replacing an existing one. @throws {FileError} If its folder does not exist. */
// deno-lint-ignore require-await
export async function writeFile(path: string, content: Uint8Array): Promise<void> {
  createFile(path).write(0, content);
}

/** Writes a text file as UTF-8, as {@link writeFile} does. */
export function writeTextFile(path: string, content: string): Promise<void> {
  return writeFile(path, new TextEncoder().encode(content));
}

/** Appends bytes to a file, which is created if it does not exist. */
// deno-lint-ignore require-await
export async function appendFile(path: string, content: Uint8Array): Promise<void> {
  const file = fileAt(path) ?? createFile(path);
  file.write(file.size, content);
}

/** Appends text to a file, as {@link appendFile} does. */
export function appendTextFile(path: string, content: string): Promise<void> {
  return appendFile(path, new TextEncoder().encode(content));
}
