/**
 * Files and folders in memory, by path.
 *
 * Contents are blobs: they never change, can be sent to other threads without copying them, and are
 * kept by the browser outside of the page's memory. Every operation is synchronous, so that others
 * see it done or not at all.
 */

import { basename, dirname, resolve } from "../../platform/paths.ts";

/** Folder of temporary files, which end with the page. */
export const TEMPORARY_FOLDER = "/tmp";

/** What is known about a file or folder. */
export interface EntryInfo {
  readonly isFile: boolean;
  readonly isDirectory: boolean;
  /** Size in bytes; 0 for a folder. */
  readonly size: number;
  /** When it was last changed, in milliseconds since 1970. */
  readonly changed: number;
}

/** A file or folder with its path, as {@link FileTree.entries} lists them. */
export type TreeEntry =
  | { readonly path: string; readonly content: Blob; readonly changed: number }
  | { readonly path: string; readonly content?: undefined; readonly changed: number };

interface TreeFile {
  readonly content: Blob;
  readonly changed: number;
}

interface TreeFolder {
  readonly entries: Map<string, TreeFile | TreeFolder>;
  changed: number;
}

/** The system's name of an error, such as `ENOENT`, which `FileError` words. */
export class FileCode extends Error {
  /** @param code The system's name of the error. */
  constructor(readonly code: string) {
    super(code);
  }
}

/** Files and folders below the root `/`; paths that do not begin there are relative to it. */
export class FileTree {
  readonly #root: TreeFolder = { entries: new Map(), changed: Date.now() };
  readonly #onChange: () => void;

  /** @param onChange Called after every change. */
  constructor(onChange: () => void = () => {}) {
    this.#onChange = onChange;
  }

  /** Adds an entry of a saved tree; its folder must be there. */
  restore({ path, content, changed }: TreeEntry): void {
    const { folder, name } = this.#place(path);
    folder.entries.set(name, content ? { content, changed } : { entries: new Map(), changed });
  }

  /** Lists everything, each folder before what it contains. */
  *entries(): Generator<TreeEntry> {
    yield* entriesOf(this.#root, "");
  }

  /** Describes a file or folder. @throws {FileCode} If it does not exist. */
  info(path: string): EntryInfo {
    const found = this.#find(path);
    return "content" in found
      ? { isFile: true, isDirectory: false, size: found.content.size, changed: found.changed }
      : { isFile: false, isDirectory: true, size: 0, changed: found.changed };
  }

  /** Lists the names in a folder. @throws {FileCode} If it is not a folder. */
  list(path: string): { readonly name: string; readonly isFile: boolean }[] {
    const found = this.#find(path);
    if ("content" in found) throw new FileCode("ENOTDIR");
    return [...found.entries].map(([name, entry]) => ({ name, isFile: "content" in entry }));
  }

  /** Returns a file's content. @throws {FileCode} If it is not a file. */
  read(path: string): Blob {
    const found = this.#find(path);
    if (!("content" in found)) throw new FileCode("EISDIR");
    return found.content;
  }

  /**
   * Writes a file.
   *
   * @param mode Whether an existing file is replaced, continued, or an error.
   * @throws {FileCode} If its folder does not exist, or it is a folder.
   */
  write(path: string, content: Blob, mode: "replace" | "append" | "create"): void {
    const { folder, name } = this.#place(path);
    const found = folder.entries.get(name);
    if (found && !("content" in found)) throw new FileCode("EISDIR");
    if (found && mode === "create") throw new FileCode("EEXIST");
    const whole = found && mode === "append" ? new Blob([found.content, content]) : content;
    this.#put(folder, name, { content: whole, changed: Date.now() });
  }

  /**
   * Creates a folder.
   *
   * @param recursive Whether to create its parents too and accept that it exists.
   * @throws {FileCode} If it exists or its parent does not, unless `recursive` is true.
   */
  createFolder(path: string, recursive: boolean): void {
    const absolute = resolve("/", path);
    if (absolute === "/") {
      if (recursive) return;
      throw new FileCode("EEXIST");
    }
    if (recursive) this.createFolder(dirname(absolute), true);
    const { folder, name } = this.#place(absolute);
    const found = folder.entries.get(name);
    if (!found) this.#put(folder, name, { entries: new Map(), changed: Date.now() });
    else if ("content" in found || !recursive) throw new FileCode("EEXIST");
  }

  /**
   * Removes a file or folder.
   *
   * @param recursive Whether to remove a folder's content too.
   * @throws {FileCode} If it does not exist, or is a non-empty folder and `recursive` is false.
   */
  remove(path: string, recursive: boolean): void {
    const found = this.#find(path);
    if (!recursive && "entries" in found && found.entries.size > 0) throw new FileCode("ENOTEMPTY");
    const { folder, name } = this.#place(path);
    this.#take(folder, name);
  }

  /**
   * Moves a file or folder; a file, or an empty folder, at the new path is replaced.
   *
   * @throws {FileCode} If that is not possible; nothing has changed then.
   */
  rename(from: string, to: string): void {
    const moved = this.#find(from);
    const target = this.#place(to);
    const replaced = target.folder.entries.get(target.name);
    if (replaced === moved) return;
    if (replaced && "entries" in replaced) {
      if ("content" in moved) throw new FileCode("EISDIR");
      if (replaced.entries.size > 0) throw new FileCode("ENOTEMPTY");
    }
    if (replaced && "content" in replaced && "entries" in moved) throw new FileCode("ENOTDIR");
    this.#move(from, to);
  }

  /** Moves a folder to where there may be another one, which is moved to `kept` or removed. */
  replaceFolder(from: string, to: string, kept?: string): void {
    const moved = this.#find(from);
    if ("content" in moved) throw new FileCode("ENOTDIR");
    const { folder, name } = this.#place(to);
    if (kept !== undefined && folder.entries.has(name)) this.#move(to, kept);
    this.#move(from, to);
  }

  /** Copies a file, replacing one at the new path. @throws {FileCode} If it is not a file. */
  copy(from: string, to: string): void {
    this.write(to, this.read(from), "replace");
  }

  #move(from: string, to: string): void {
    const moved = this.#find(from);
    if (isBelow(resolve("/", to), resolve("/", from))) throw new FileCode("EINVAL");
    const target = this.#place(to);
    const source = this.#place(from);
    this.#take(source.folder, source.name);
    this.#put(target.folder, target.name, moved);
  }

  #put(folder: TreeFolder, name: string, entry: TreeFile | TreeFolder): void {
    folder.entries.set(name, entry);
    folder.changed = Date.now();
    this.#onChange();
  }

  #take(folder: TreeFolder, name: string): void {
    folder.entries.delete(name);
    folder.changed = Date.now();
    this.#onChange();
  }

  #find(path: string): TreeFile | TreeFolder {
    // Systems have no file of an empty name.
    if (path === "") throw new FileCode("ENOENT");
    let found: TreeFile | TreeFolder = this.#root;
    for (const name of resolve("/", path).split("/").filter((name) => name !== "")) {
      if ("content" in found) throw new FileCode("ENOTDIR");
      const next = found.entries.get(name);
      if (!next) throw new FileCode("ENOENT");
      found = next;
    }
    return found;
  }

  /** Returns the folder that holds a path, and its name there. */
  #place(path: string): { readonly folder: TreeFolder; readonly name: string } {
    if (path === "") throw new FileCode("ENOENT");
    const absolute = resolve("/", path);
    if (absolute === "/") throw new FileCode("EBUSY"); // The root has no name.
    const folder = this.#find(dirname(absolute));
    if ("content" in folder) throw new FileCode("ENOTDIR");
    return { folder, name: basename(absolute) };
  }
}

function* entriesOf({ entries }: TreeFolder, parent: string): Generator<TreeEntry> {
  for (const [name, entry] of entries) {
    const path = `${parent}/${name}`;
    if ("content" in entry) yield { path, content: entry.content, changed: entry.changed };
    else {
      yield { path, changed: entry.changed };
      yield* entriesOf(entry, path);
    }
  }
}

function isBelow(path: string, folder: string): boolean {
  return path.startsWith(`${folder}/`);
}
