/** The files and folders in the memory of this thread. They are gone when it ends. */

import { type FileAction, FileError } from "../../platform/file_error.ts";
import { MemoryFile } from "./memory_file.ts";
import { dirname, resolve } from "./paths.ts";

const files = new Map<string, MemoryFile>();
const folders = new Set(["/"]);

/** Returns the file at a path; undefined if there is none. */
export function fileAt(path: string): MemoryFile | undefined {
  return files.get(resolve(path));
}

/** Returns whether there is a folder at a path. */
export function isFolderAt(path: string): boolean {
  return folders.has(resolve(path));
}

/** Returns whether there is a file or folder at a path. */
export function existsAt(path: string): boolean {
  return isFolderAt(path) || fileAt(path) !== undefined;
}

/** Returns the file at a path. @throws {FileError} If there is none. */
export function requireFile(action: FileAction, path: string): MemoryFile {
  const found = fileAt(path);
  if (found) return found;
  throw failure(action, path, isFolderAt(path) ? "EISDIR" : "ENOENT");
}

/**
 * Creates an empty file, or empties the one at a path.
 *
 * @throws {FileError} If its folder does not exist, or a folder is at the path.
 */
export function createFile(path: string): MemoryFile {
  if (isFolderAt(path)) throw failure("write", path, "EISDIR");
  requireParent("write", path);
  const file = new MemoryFile();
  files.set(resolve(path), file);
  return file;
}

/**
 * Creates a folder.
 *
 * @throws {FileError} If there is something at the path, or its parent does not exist.
 */
export function createFolderAt(path: string): void {
  if (existsAt(path)) throw failure("create", path, "EEXIST");
  requireParent("create", path);
  folders.add(resolve(path));
}

/** Names of what is directly in a folder. @throws {FileError} If there is no such folder. */
export function namesIn(folder: string): string[] {
  if (!isFolderAt(folder)) {
    throw failure("list", folder, fileAt(folder) ? "ENOTDIR" : "ENOENT");
  }
  const above = resolve(folder);
  return [...files.keys(), ...folders]
    .filter((path) => path !== "/" && dirname(path) === above)
    .map((path) => path.slice(path.lastIndexOf("/") + 1));
}

/** Removes a file, or a folder with all that is in it. @throws {FileError} If there is none. */
export function removeAt(path: string): void {
  if (!isFolderAt(path)) requireFile("remove", path);
  const whole = resolve(path);
  for (const each of below(whole)) {
    files.delete(each);
    folders.delete(each);
  }
}

/**
 * Moves a file or folder, replacing a file at the new path.
 *
 * @throws {FileError} If there is nothing to move, or the new path's folder does not exist.
 */
export function moveTo(from: string, to: string): void {
  if (!isFolderAt(from)) requireFile("move", from);
  requireParent("move", to);
  const [old, target] = [resolve(from), resolve(to)];
  for (const path of below(old)) {
    const moved = target + path.slice(old.length);
    const file = files.get(path);
    if (file) files.set(moved, file);
    else folders.add(moved);
    files.delete(path);
    folders.delete(path);
  }
}

function below(path: string): string[] {
  return [...files.keys(), ...folders].filter((each) =>
    each === path || each.startsWith(`${path}/`)
  );
}

function requireParent(action: FileAction, path: string): void {
  if (!isFolderAt(dirname(resolve(path)))) throw failure(action, path, "ENOENT");
}

/** Returns the error that a file system reports by a code. */
export function failure(action: FileAction, path: string, code: string): FileError {
  return new FileError(action, path, { code });
}
