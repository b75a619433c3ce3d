/** Files and folders, by path. */

/** What is known of a file or folder without opening it. */
export interface FileInfo {
  readonly isFile: boolean;
  readonly isDirectory: boolean;
  /** Bytes. */
  readonly size: number;
  /** Time of the last change, where the system keeps it. */
  readonly mtime: Date | null;
}

/** A file or folder as its parent lists it. */
export interface FolderEntry {
  readonly name: string;
  readonly isFile: boolean;
  readonly isDirectory: boolean;
}

/** Whether an error says that a file or folder does not exist. */
export function isNotFound(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound;
}

/**
 * Describes a file or folder; links are followed.
 *
 * @throws {Error} If it does not exist or its parent cannot be read; see {@link isNotFound}.
 */
export function fileInfo(path: string): Promise<FileInfo> {
  return Deno.stat(path);
}

/**
 * Whether a path leads to a file or folder. A link that leads nowhere does not.
 *
 * @throws {Error} If the system does not say, for want of permission, for example.
 */
export function exists(path: string): Promise<boolean> {
  return Deno.stat(path).then(() => true, falseIfMissing);
}

/** The same, blocking the thread. */
export function existsSync(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    return falseIfMissing(error);
  }
}

/** Whether a path is in use: as {@link exists}, but true for a link that leads nowhere. */
export function isTaken(path: string): Promise<boolean> {
  return Deno.lstat(path).then(() => true, falseIfMissing);
}

function falseIfMissing(error: unknown): false {
  // "Not a directory" says that a file stands where the path needs a folder.
  if (isNotFound(error) || error instanceof Deno.errors.NotADirectory) return false;
  throw error;
}

/**
 * Lists a folder, in no order.
 *
 * @throws {Error} If it does not exist or cannot be read; see {@link isNotFound}.
 */
export function listFolder(folder: string): AsyncIterable<FolderEntry> {
  return Deno.readDir(folder);
}

/** Lists a folder, in no order; lists nothing if it does not exist. */
export async function* listFolderIfPresent(folder: string): AsyncGenerator<FolderEntry> {
  try {
    yield* Deno.readDir(folder);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/**
 * Creates a folder.
 *
 * @param options.recursive Create its parents, too, and accept that it exists.
 * @throws {Error} If it exists or its parent does not, unless `recursive` is true.
 */
export function createFolder(folder: string, options?: { recursive?: boolean }): Promise<void> {
  return Deno.mkdir(folder, options);
}

/** Creates an empty folder with a name of its own, among the system's temporary files. */
export function createTemporaryFolder(): Promise<string> {
  return Deno.makeTempDir();
}

/**
 * Removes a file or folder.
 *
 * @param options.recursive Remove a folder's content with it.
 * @throws {Error} If it does not exist, or is a folder with content and `recursive` is not true.
 */
export function remove(path: string, options?: { recursive?: boolean }): Promise<void> {
  return Deno.remove(path, options);
}

/** Removes a file or folder as {@link remove} does, if it exists. */
export async function removeIfPresent(
  path: string,
  options?: { recursive?: boolean },
): Promise<void> {
  try {
    await Deno.remove(path, options);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** Moves a file or folder within a file system; a file at the new path is replaced. */
export function rename(from: string, to: string): Promise<void> {
  return Deno.rename(from, to);
}

/** Copies a file's content and permissions; a file at the new path is replaced. */
export function copyFile(from: string, to: string): Promise<void> {
  return Deno.copyFile(from, to);
}

/** Reads a whole file. @throws {Error} If it cannot be read; see {@link isNotFound}. */
export function readFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return Deno.readFile(path);
}

/** Reads a whole file as UTF-8. @throws {Error} If it cannot be read; see {@link isNotFound}. */
export function readTextFile(path: string): Promise<string> {
  return Deno.readTextFile(path);
}

/** Writes a whole file, replacing one that exists. A kill while it writes leaves half of it. */
export function writeFile(path: string, content: Uint8Array): Promise<void> {
  return Deno.writeFile(path, content);
}

/** The same for text, as UTF-8. */
export function writeTextFile(path: string, content: string): Promise<void> {
  return Deno.writeTextFile(path, content);
}

/** Appends text to a file, which is created if it does not exist. */
export function appendTextFile(path: string, content: string): Promise<void> {
  return Deno.writeTextFile(path, content, { append: true });
}
