/** Accesses files and folders by path; what fails is a {@link FileError} that names the path. */

import { accessing, accessingSync } from "./accessing.ts";
import { FileError, naming } from "./file_error.ts";
import { removeLeftovers } from "./leftovers.ts";
import { dirname, join } from "./paths.ts";
import { finishMarked } from "./replacement.ts";
import { isMarkerName, parseTemporaryName, temporaryAffixes } from "./temporary_names.ts";
import { spaceIfFull } from "./write_error.ts";

/** Information about a file or folder. */
export interface FileInfo {
  readonly isFile: boolean;
  readonly isDirectory: boolean;
  /** Size in bytes. */
  readonly size: number;
  /** Time of the content's last change, if the system records it; programs may set it. */
  readonly mtime: Date | null;
  /** Time of the last change of content, name or permissions, if the system records it. */
  readonly ctime?: Date | null;
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
  return accessing("read", path, () => Deno.stat(path));
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
    accessingSync("read", path, () => Deno.statSync(path));
    return true;
  } catch (error) {
    return falseIfMissing(error);
  }
}

/** Returns whether a path is in use: as {@link exists}, but true for a broken symbolic link. */
export function isTaken(path: string): Promise<boolean> {
  return accessing("read", path, () => Deno.lstat(path)).then(() => true, falseIfMissing);
}

/** Returns whether two paths lead to the same file or folder; false if one does not exist. */
export async function sameFile(a: string, b: string): Promise<boolean> {
  const real = (path: string) => naming("read", path, Deno.realPath(path));
  try {
    return await real(a) === await real(b);
  } catch (error) {
    return falseIfMissing(error);
  }
}

function falseIfMissing(error: unknown): false {
  // "Not a directory" means that a parent in the path is a file.
  if (isNotFound(error) || error instanceof FileError && error.code === "ENOTDIR") return false;
  throw error;
}

/** Returns whether a path is a folder, following symbolic links; false if it does not exist. */
export async function isFolder(path: string): Promise<boolean> {
  return (await fileInfo(path).catch(() => undefined))?.isDirectory === true;
}

/**
 * Lists a folder, in no particular order, without what is still being written there.
 *
 * @throws {Error} If it does not exist or cannot be read; see {@link isNotFound}.
 */
export async function* listFolder(folder: string): AsyncGenerator<FolderEntry> {
  const list = () =>
    accessing("list", folder, () => Array.fromAsync<FolderEntry>(Deno.readDir(folder)));
  let entries = await list();
  const markers = entries.filter(({ name }) => isMarkerName(name));
  if (markers.length > 0) {
    // Folders may be missing that a killed process was replacing.
    for (const { name } of markers) finishMarked(join(folder, name));
    removeLeftovers(folder);
    entries = await list();
  }
  yield* entries.filter(({ name }) => !isMarkerName(name) && !parseTemporaryName(name));
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
export async function createFolder(
  folder: string,
  options?: { recursive?: boolean },
): Promise<void> {
  // Looking for it finishes its replacement if a killed process was about to replace it.
  if (await isFolder(folder) && options?.recursive) return;
  await accessing("create", folder, () => Deno.mkdir(folder, options));
}

/**
 * Creates an empty folder with a unique name in the system's folder for temporary files. If the
 * process is killed, the next call of any process removes it.
 */
export async function createTemporaryFolder(): Promise<string> {
  const making = Deno.makeTempDir(temporaryAffixes("partial"));
  const folder = await naming("create", "a temporary folder", making);
  removeLeftovers(dirname(folder));
  return folder;
}

/**
 * Removes a file or folder.
 *
 * @param options.recursive Whether to remove a folder's content too.
 * @throws {Error} If it does not exist, or is a non-empty folder and `recursive` is not true.
 */
export function remove(path: string, options?: { recursive?: boolean }): Promise<void> {
  return accessing("remove", path, () => Deno.remove(path, options));
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
  return accessing("move", [from, to], () => Deno.rename(from, to));
}

/**
 * Copies a file's content and permissions, replacing a file at the new path.
 *
 * @throws {FileError} If that fails; for a full disk, it names the new path and the space.
 */
export async function copyFile(from: string, to: string): Promise<void> {
  try {
    await accessing("copy", [from, to], () => Deno.copyFile(from, to));
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    const size = await fileInfo(from).then(({ size }) => size, () => 0);
    const space = spaceIfFull(dirname(to), error.code, size);
    throw space === undefined ? error : new FileError("write", to, error.cause, space);
  }
}

/** Reads a whole file. @throws {Error} If it cannot be read; see {@link isNotFound}. */
export function readFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return accessing("read", path, () => Deno.readFile(path));
}

/** Reads a whole file as UTF-8. @throws {Error} If it cannot be read; see {@link isNotFound}. */
export function readTextFile(path: string): Promise<string> {
  return accessing("read", path, () => Deno.readTextFile(path));
}

/** Writes a file, replacing an existing one. A killed process may leave it incomplete. */
export function writeFile(path: string, content: Uint8Array): Promise<void> {
  return accessing("write", path, () => Deno.writeFile(path, content));
}

/** Writes a text file as UTF-8, as {@link writeFile} does. */
export function writeTextFile(path: string, content: string): Promise<void> {
  return accessing("write", path, () => Deno.writeTextFile(path, content));
}

/** Appends text to a file, which is created if it does not exist. */
export function appendTextFile(path: string, content: string): Promise<void> {
  return accessing("write", path, () => Deno.writeTextFile(path, content, { append: true }));
}

/** Appends bytes to a file, which is created if it does not exist. */
export function appendFile(path: string, content: Uint8Array): Promise<void> {
  return accessing("write", path, () => Deno.writeFile(path, content, { append: true }));
}

/**
 * Makes a name for a folder that stands beside it, replacing an older name. Systems that allow no
 * links get none.
 *
 * @param target The folder, relative to that of the link.
 */
export async function linkFolder(target: string, path: string): Promise<void> {
  try {
    if ((await Deno.lstat(path)).isSymlink) await Deno.remove(path);
  } catch {
    // There is none yet.
  }
  await Deno.symlink(target, path, { type: "dir" }).catch(() => {});
}
