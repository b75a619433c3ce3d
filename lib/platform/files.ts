/** Accesses files and folders by path; what fails is a {@link FileError} that names the path. */

import { FileError, naming, namingSync } from "./file_error.ts";

/** Information about a file or folder. */
export interface FileInfo {
  readonly isFile: boolean;
  readonly isDirectory: boolean;
  /** Size in bytes. */
  readonly size: number;
  /** Time of the last change, if the system records it. */
  readonly mtime: Date | null;
}

/** An entry of a folder. */
export interface FolderEntry {
  readonly name: string;
  readonly isFile: boolean;
  readonly isDirectory: boolean;
}

/** Returns whether an error means that a file or folder does not exist. */
export function isNotFound(error: unknown): boolean {
  return error instanceof FileError && error.code === "ENOENT";
}

/**
 * Returns information about a file or folder, following symbolic links.
 *
 * @throws {Error} If it does not exist or its parent cannot be read; see {@link isNotFound}.
 */
export function fileInfo(path: string): Promise<FileInfo> {
  return naming("read", path, Deno.stat(path));
}

/**
 * Returns whether a path leads to a file or folder; false for a broken symbolic link.
 *
 * @throws {Error} If the system cannot tell, for example because a permission is missing.
 */
export function exists(path: string): Promise<boolean> {
  return fileInfo(path).then(() => true, falseIfMissing);
}

/** Does the same as {@link exists}, but synchronously. */
export function existsSync(path: string): boolean {
  try {
    namingSync("read", path, () => Deno.statSync(path));
    return true;
  } catch (error) {
    return falseIfMissing(error);
  }
}

/** Returns whether a path is in use: as {@link exists}, but true for a broken symbolic link. */
export function isTaken(path: string): Promise<boolean> {
  return naming("read", path, Deno.lstat(path)).then(() => true, falseIfMissing);
}

function falseIfMissing(error: unknown): false {
  // "Not a directory" means that a parent in the path is a file.
  if (isNotFound(error) || error instanceof FileError && error.code === "ENOTDIR") return false;
  throw error;
}

/** Returns whether a path is a folder, following symbolic links; false if it does not exist. */
export async function isFolder(path: string): Promise<boolean> {
  return (await Deno.stat(path).catch(() => undefined))?.isDirectory === true;
}

/**
 * Lists a folder, in no particular order.
 *
 * @throws {Error} If it does not exist or cannot be read; see {@link isNotFound}.
 */
export async function* listFolder(folder: string): AsyncGenerator<FolderEntry> {
  try {
    yield* Deno.readDir(folder);
  } catch (cause) {
    throw new FileError("list", folder, cause);
  }
}

/** Lists a folder as {@link listFolder} does; lists nothing if it does not exist. */
export async function* listFolderIfPresent(folder: string): AsyncGenerator<FolderEntry> {
  try {
    yield* listFolder(folder);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/**
 * Creates a folder.
 *
 * @param options.recursive Whether to create its parents too and accept that it exists.
 * @throws {Error} If it exists or its parent does not, unless `recursive` is true.
 */
export function createFolder(folder: string, options?: { recursive?: boolean }): Promise<void> {
  return naming("create", folder, Deno.mkdir(folder, options));
}

/** Creates an empty folder with a unique name in the system's folder for temporary files. */
export function createTemporaryFolder(): Promise<string> {
  return naming("create", "a temporary folder", Deno.makeTempDir());
}

/**
 * Removes a file or folder.
 *
 * @param options.recursive Whether to remove a folder's content too.
 * @throws {Error} If it does not exist, or is a non-empty folder and `recursive` is not true.
 */
export function remove(path: string, options?: { recursive?: boolean }): Promise<void> {
  return naming("remove", path, Deno.remove(path, options));
}

/** Removes a file or folder as {@link remove} does, if it exists. */
export async function removeIfPresent(
  path: string,
  options?: { recursive?: boolean },
): Promise<void> {
  try {
    await remove(path, options);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** Moves a file or folder within a file system, replacing a file at the new path. */
export function rename(from: string, to: string): Promise<void> {
  return naming("move", from, Deno.rename(from, to));
}

/** Copies a file's content and permissions, replacing a file at the new path. */
export function copyFile(from: string, to: string): Promise<void> {
  return naming("copy", from, Deno.copyFile(from, to));
}

/** Reads a whole file. @throws {Error} If it cannot be read; see {@link isNotFound}. */
export function readFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return naming("read", path, Deno.readFile(path));
}

/** Reads a whole file as UTF-8. @throws {Error} If it cannot be read; see {@link isNotFound}. */
export function readTextFile(path: string): Promise<string> {
  return naming("read", path, Deno.readTextFile(path));
}

/** Writes a file, replacing an existing one. A killed process may leave it incomplete. */
export function writeFile(path: string, content: Uint8Array): Promise<void> {
  return naming("write", path, Deno.writeFile(path, content));
}

/** Writes a text file as UTF-8, as {@link writeFile} does. */
export function writeTextFile(path: string, content: string): Promise<void> {
  return naming("write", path, Deno.writeTextFile(path, content));
}

/** Appends text to a file, which is created if it does not exist. */
export function appendTextFile(path: string, content: string): Promise<void> {
  return naming("write", path, Deno.writeTextFile(path, content, { append: true }));
}
