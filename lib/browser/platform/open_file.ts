/** Files of a page that are read and written in parts; stands in for `lib/platform/open_file.ts`. */

import { FileError, naming, namingSync } from "../../platform/file_error.ts";
import { FileCode } from "../files/file_tree.ts";
import { ownTree, pageFiles } from "../files/page_files.ts";

/** The parts of a worker's `FileReaderSync` that are used. */
interface BlockingReader {
  readAsArrayBuffer(blob: Blob): ArrayBuffer;
}

const { FileReaderSync } = globalThis as unknown as { FileReaderSync?: new () => BlockingReader };

/**
 * Contents of the files that this thread has opened. A worker cannot wait for the thread that owns
 * the files, so it opens synchronously only what it has opened before.
 */
const opened = new Map<string, Blob>();

/**
 * A file that stays open until it is disposed. What is read is what the file held when it was
 * opened; what is written is in the file once it is disposed.
 *
 * Calls without an offset continue where the previous call ended, whether it read or wrote.
 */
export class OpenFile implements Disposable {
  readonly #path: string;
  readonly #isNew: boolean;
  #content: Blob;
  #offset = 0;

  private constructor(path: string, content: Blob, isNew: boolean) {
    this.#path = path;
    this.#content = content;
    this.#isNew = isNew;
  }

  /** Opens a file for reading. @throws {FileError} If it does not exist. */
  static async read(path: string): Promise<OpenFile> {
    const content = await naming("read", path, pageFiles().call("read", path));
    if (!ownTree()) opened.set(path, content);
    return new OpenFile(path, content, false);
  }

  /**
   * Does the same as {@link read}, but synchronously: in a worker, as the file was when the worker
   * last opened it by {@link read}.
   *
   * @throws {FileError} If it does not exist or, in a worker, was not opened before.
   */
  static readSync(path: string): OpenFile {
    return namingSync("read", path, () => {
      const tree = ownTree();
      const content = tree ? tree.read(path) : opened.get(path);
      if (!content) {
        throw new Error("workers of a page open files synchronously only after OpenFile.read()");
      }
      return new OpenFile(path, content, false);
    });
  }

  /** Creates a file for writing. @throws {FileError} If it exists or cannot be created. */
  static async create(path: string): Promise<OpenFile> {
    const empty = new Blob();
    await naming("write", path, pageFiles().call("write", path, empty, "create"));
    return new OpenFile(path, empty, true);
  }

  /** The file's size in bytes. */
  size(): Promise<number> {
    return Promise.resolve(this.#content.size);
  }

  /** Reads the next bytes. @returns Number of bytes read, or null at the end of the file. */
  async readSome(bytes: Uint8Array): Promise<number | null> {
    const part = this.#next(bytes.length);
    if (part === undefined) return null;
    bytes.set(new Uint8Array(await naming("read", this.#path, part.arrayBuffer())));
    return part.size;
  }

  /**
   * Fills a buffer. @returns Number of bytes read, which is less than its length if the file ends.
   */
  async fill(bytes: Uint8Array): Promise<number> {
    return bytes.length === 0 ? 0 : await this.readSome(bytes) ?? 0;
  }

  /** Sets the offset of the next call that has none. */
  seek(offset: number): Promise<void> {
    this.#offset = offset;
    return Promise.resolve();
  }

  /** Fills a buffer with the bytes from an offset on; returns the same as {@link fill}. */
  async fillAt(offset: number, bytes: Uint8Array): Promise<number> {
    await this.seek(offset);
    return await this.fill(bytes);
  }

  /** Does the same as {@link fillAt}, but synchronously. @throws {FileError} In the page itself. */
  fillAtSync(offset: number, bytes: Uint8Array): number {
    return namingSync("read", this.#path, () => {
      if (!FileReaderSync) throw new Error("only a worker of a page can wait for a file");
      this.#offset = offset;
      const part = this.#next(bytes.length);
      if (part === undefined) return 0;
      bytes.set(new Uint8Array(new FileReaderSync().readAsArrayBuffer(part)));
      return part.size;
    });
  }

  /** Writes all bytes. */
  write(bytes: Uint8Array): Promise<void> {
    this.writeSync(bytes);
    return Promise.resolve();
  }

  /** Does the same as {@link write}, but synchronously. @throws {FileError} If opened for reading. */
  writeSync(bytes: Uint8Array): void {
    if (!this.#isNew) throw new FileError("write", this.#path, new FileCode("EACCES"));
    const [before, after] = [this.#offset, this.#offset + bytes.length];
    const { size } = this.#content;
    this.#content = new Blob([
      this.#content.slice(0, before),
      new Uint8Array(Math.max(0, before - size)), // As systems do, zeros fill a gap.
      new Uint8Array(bytes), // A copy, not on memory that threads share.
      this.#content.slice(after),
    ]);
    this.#offset = after;
  }

  /** Writes all bytes from an offset on. */
  async writeAt(offset: number, bytes: Uint8Array): Promise<void> {
    await this.seek(offset);
    await this.write(bytes);
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    if (!this.#isNew) return;
    const [path, content] = [this.#path, this.#content];
    // Calls reach the owner in their order, so whatever this thread does next finds the content.
    void pageFiles().call("write", path, content, "replace")
      .catch(() => {}); // The file or its folder was removed meanwhile.
  }

  /** Returns the next bytes and passes them; undefined at the end. */
  #next(length: number): Blob | undefined {
    const part = this.#content.slice(this.#offset, this.#offset + length);
    if (part.size === 0 && length > 0) return undefined;
    this.#offset += part.size;
    return part;
  }
}
