/** The files and folders of a page, by path; stands in for `lib/platform/files.ts`. */

import { type FileAction, FileError, naming } from "../../platform/file_error.ts";
import type { FileInfo, FolderEntry } from "../../platform/files.ts";
import { join } from "../../platform/paths.ts";
import { isShared } from "../../platform/shared_memory.ts";
import {
  isMarkerName,
  parseTemporaryName,
  temporaryAffixes,
} from "../../platform/temporary_names.ts";
import type { CallName, FileCalls } from "../files/file_calls.ts";
import { type EntryInfo, TEMPORARY_FOLDER } from "../files/file_tree.ts";
import { ownTree, pageFiles } from "../files/page_files.ts";

export type { FileInfo, FolderEntry };

/** Returns whether an error means that a file or folder does not exist. */
export function isNotFound(error: unknown): boolean {
  return error instanceof FileError && error.code === "ENOENT";
}

/** Returns information about a file or folder. @throws {FileError} If it does not exist. */
export async function fileInfo(path: string): Promise<FileInfo> {
  return infoOf(await asking("read", path, "info", path));
}

/** Returns whether a path leads to a file or folder. */
export function exists(path: string): Promise<boolean> {
  return fileInfo(path).then(() => true, falseIfMissing);
}

/**
 * Does the same as {@link exists}, but synchronously.
 *
 * @throws {Error} In a worker, which cannot wait for the thread that owns the files.
 */
export function existsSync(path: string): boolean {
  const tree = ownTree();
  if (!tree) {
    throw new Error(`Cannot look for ${path}: workers of a page cannot do that synchronously`);
  }
  try {
    tree.info(path);
    return true;
  } catch (cause) {
    return falseIfMissing(new FileError("read", path, cause));
  }
}

/** Returns whether a path is in use; in a page, the same as {@link exists}. */
export function isTaken(path: string): Promise<boolean> {
  return exists(path);
}

/** Returns whether two paths lead to the same file or folder; false if one does not exist. */
export async function sameFile(a: string, b: string): Promise<boolean> {
  return join("/", a) === join("/", b) && await exists(a);
}

function falseIfMissing(error: unknown): false {
  // "Not a directory" means that a parent in the path is a file.
  if (isNotFound(error) || error instanceof FileError && error.code === "ENOTDIR") return false;
  throw error;
}

/** Returns whether a path is a folder; false if it does not exist. */
export async function isFolder(path: string): Promise<boolean> {
  return (await fileInfo(path).catch(() => undefined))?.isDirectory === true;
}

/** Lists a folder, without what is still being written there. @throws {FileError} If it is none. */
export async function* listFolder(folder: string): AsyncGenerator<FolderEntry> {
  for (const { name, isFile } of await asking("list", folder, "list", folder)) {
    if (isMarkerName(name) || parseTemporaryName(name)) continue;
    yield { name, isFile, isDirectory: !isFile };
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
 * @throws {FileError} If it exists or its parent does not, unless `recursive` is true.
 */
export async function createFolder(
  folder: string,
  { recursive = false }: { recursive?: boolean } = {},
): Promise<void> {
  await asking("create", folder, "createFolder", folder, recursive);
}

/** Creates an empty folder with a unique name; a page that is closed does not keep it. */
export async function createTemporaryFolder(): Promise<string> {
  const { prefix, suffix } = temporaryAffixes("partial");
  const folder = join(TEMPORARY_FOLDER, prefix + crypto.randomUUID().slice(0, 8) + suffix);
  await createFolder(folder, { recursive: true });
  return folder;
}

/**
 * Removes a file or folder.
 *
 * @param options.recursive Whether to remove a folder's content too.
 * @throws {FileError} If it does not exist, or is a non-empty folder and `recursive` is not true.
 */
export async function remove(
  path: string,
  { recursive = false }: { recursive?: boolean } = {},
): Promise<void> {
  await asking("remove", path, "remove", path, recursive);
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

/** Moves a file or folder, replacing a file at the new path. @throws {FileError} If it cannot. */
export async function rename(from: string, to: string): Promise<void> {
  await asking("move", from, "rename", from, to);
}

/** Copies a file, replacing one at the new path. @throws {FileError} If it cannot. */
export async function copyFile(from: string, to: string): Promise<void> {
  await asking("copy", from, "copy", from, to);
}

/** Reads a whole file. @throws {FileError} If it cannot be read; see {@link isNotFound}. */
export async function readFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const content = await asking("read", path, "read", path);
  return new Uint8Array(await naming("read", path, content.arrayBuffer()));
}

/** Reads a whole file as UTF-8. @throws {FileError} If it cannot be read. */
export async function readTextFile(path: string): Promise<string> {
  const content = await asking("read", path, "read", path);
  return await naming("read", path, content.text());
}

/** Writes a file, replacing an existing one. @throws {FileError} If its folder does not exist. */
export async function writeFile(path: string, content: Uint8Array): Promise<void> {
  await asking("write", path, "write", path, blobOf(content), "replace");
}

/** Writes a text file as UTF-8, as {@link writeFile} does. */
export async function writeTextFile(path: string, content: string): Promise<void> {
  await asking("write", path, "write", path, new Blob([content]), "replace");
}

/** Appends text to a file, which is created if it does not exist. */
export async function appendTextFile(path: string, content: string): Promise<void> {
  await asking("write", path, "write", path, new Blob([content]), "append");
}

/** Appends bytes to a file, which is created if it does not exist. */
export async function appendFile(path: string, content: Uint8Array): Promise<void> {
  await asking("write", path, "write", path, blobOf(content), "append");
}

/** The files of a page have no links, so none is made, as on systems that allow none. */
export function linkFolder(_target: string, path: string): Promise<void> {
  return removeIfPresent(path).catch(() => {}); // A folder that has content stays.
}

/** Bytes as a blob; blobs take none from memory that threads share. */
function blobOf(bytes: Uint8Array): Blob {
  return new Blob([isShared(bytes.buffer) ? bytes.slice() : bytes as Uint8Array<ArrayBuffer>]);
}

function infoOf({ isFile, isDirectory, size, changed }: EntryInfo): FileInfo {
  return { isFile, isDirectory, size, mtime: new Date(changed) };
}

/** Calls the owner of the files. @throws {FileError} If that fails, which names the path. */
async function asking<N extends CallName>(
  action: FileAction,
  path: string,
  name: N,
  ...args: Parameters<FileCalls[N]>
): Promise<Awaited<ReturnType<FileCalls[N]>>> {
  return await naming(action, path, pageFiles().call(name, ...args));
}
