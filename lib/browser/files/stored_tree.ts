/**
 * Keeps a tree of files in the browser's private file system, so that it survives the page.
 *
 * The system's folder has a file per content, named by a number, and `index.json`, which says which
 * content is which path's. A content is written once and never changed. The index is replaced as a
 * whole, which the system does atomically, after the contents that it names: whenever the page is
 * closed, the folder holds the tree as it was at one moment.
 */

import { z } from "../../packages/zod.ts";
import { parseTemporaryName } from "../../platform/temporary_names.ts";
import { FileCode, type FileTree, TEMPORARY_FOLDER, type TreeEntry } from "./file_tree.ts";

/** The parts of `FileSystemDirectoryHandle` that are used. */
export interface PrivateFolder {
  getFileHandle(name: string, options?: { readonly create?: boolean }): Promise<PrivateFile>;
  removeEntry(name: string): Promise<void>;
  keys(): AsyncIterable<string>;
}

/** The parts of `FileSystemFileHandle` that are used. */
export interface PrivateFile {
  getFile(): Promise<Blob>;
  /** Writes to a copy, which replaces the file when it is closed. */
  createWritable(): Promise<{ write(content: Blob): Promise<void>; close(): Promise<void> }>;
}

const indexName = "index.json";

const indexSchema = z.object({
  version: z.literal(1),
  entries: z.array(z.object({
    path: z.string(),
    changed: z.number(),
    /** Name of the content's file; absent for folders. */
    content: z.string().regex(/^\d+$/).optional(),
  })),
});

/** A folder of the private file system that a tree is kept in. */
export class StoredTree {
  readonly #folder: PrivateFolder;
  /** Names of the contents in the folder. */
  readonly #names = new Map<Blob, string>();
  /** Contents that the page wrote itself: no one reads their files, so that they may be removed. */
  readonly #own = new Set<Blob>();
  #next = 1;

  private constructor(folder: PrivateFolder) {
    this.#folder = folder;
  }

  /**
   * Reads what is kept in a folder, and removes what no index names.
   *
   * @param restore Called with each entry, folders before what they contain. What a closed page had
   * begun to write is left out.
   * @throws {SyntaxError} If the folder's index is damaged.
   */
  static async open(
    folder: PrivateFolder,
    restore: (entry: TreeEntry) => void,
  ): Promise<StoredTree> {
    const stored = new StoredTree(folder);
    const left: string[] = [];
    for (const { path, changed, content: name } of await readIndex(folder)) {
      const isUnfinished = path.split("/").some((part) => parseTemporaryName(part) !== undefined);
      if (isUnfinished) continue;
      if (name === undefined) restore({ path, changed });
      else {
        const content = await (await folder.getFileHandle(name)).getFile();
        stored.#names.set(content, name);
        restore({ path, changed, content });
      }
    }
    const named = new Set(stored.#names.values());
    for await (const name of folder.keys()) if (/^\d+$/.test(name)) left.push(name);
    stored.#next = Math.max(0, ...left.map(Number)) + 1;
    for (const name of left) if (!named.has(name)) await folder.removeEntry(name);
    return stored;
  }

  /**
   * Saves a tree as it is now, without temporary files.
   *
   * @throws {FileCode} If the browser's storage is full (`ENOSPC`) or fails (`EIO`); what was saved
   * before is kept.
   */
  async save(tree: Pick<FileTree, "entries">): Promise<void> {
    const entries = [...tree.entries()].filter(({ path }) =>
      !`${path}/`.startsWith(`${TEMPORARY_FOLDER}/`)
    );
    try {
      for (const { content } of entries) {
        if (!content || this.#names.has(content)) continue;
        const name = `${this.#next++}`;
        await write(this.#folder, name, content);
        this.#names.set(content, name);
        this.#own.add(content);
      }
      const index: z.infer<typeof indexSchema> = {
        version: 1,
        entries: entries.map(({ path, changed, content }) => ({
          path,
          changed,
          content: content && this.#names.get(content),
        })),
      };
      await write(this.#folder, indexName, new Blob([JSON.stringify(index)]));
    } catch (cause) {
      const isFull = cause instanceof DOMException && cause.name === "QuotaExceededError";
      throw Object.assign(new FileCode(isFull ? "ENOSPC" : "EIO"), { cause });
    }
    await this.#removeUnused(new Set(entries.map(({ content }) => content)));
  }

  /**
   * Removes contents that the index no longer names. Files that an earlier page wrote may still be
   * read here; the next page removes them.
   */
  async #removeUnused(used: ReadonlySet<Blob | undefined>): Promise<void> {
    for (const [content, name] of this.#names) {
      if (used.has(content)) continue;
      this.#names.delete(content);
      // If it fails, the next page removes it.
      if (this.#own.delete(content)) await this.#folder.removeEntry(name).catch(() => {});
    }
  }
}

async function readIndex(folder: PrivateFolder) {
  let file: PrivateFile;
  try {
    file = await folder.getFileHandle(indexName);
  } catch (error) {
    if (error instanceof DOMException && error.name === "NotFoundError") return [];
    throw error;
  }
  const text = await (await file.getFile()).text();
  try {
    return indexSchema.parse(JSON.parse(text)).entries;
  } catch (cause) {
    throw new SyntaxError(
      "Cannot read the files that this site keeps in the browser: their index is damaged; clear " +
        "the site's data in the browser to start anew",
      { cause },
    );
  }
}

async function write(folder: PrivateFolder, name: string, content: Blob): Promise<void> {
  const file = await folder.getFileHandle(name, { create: true });
  const writable = await file.createWritable();
  await writable.write(content);
  await writable.close();
}
