/** Reads and writes files in this thread's memory in parts. */

import { createFile, existsAt, failure, requireFile } from "./memory_files.ts";
import type { MemoryFile } from "./memory_file.ts";

/**
 * A file that is read or written in parts.
 *
 * Calls without an offset continue where the previous call ended, whether it read or wrote.
 */
export class OpenFile implements Disposable {
  readonly #file: MemoryFile;
  #offset = 0;

  private constructor(file: MemoryFile) {
    this.#file = file;
  }

  /** Opens a file for reading. @throws {FileError} If it does not exist. */
  // deno-lint-ignore require-await -- errors reject, as those of a disk do; so in what follows
  static async read(path: string): Promise<OpenFile> {
    return OpenFile.readSync(path);
  }

  /** Does the same as {@link read}, but synchronously. */
  static readSync(path: string): OpenFile {
    return new OpenFile(requireFile("read", path));
  }

  /** Creates a file for writing. @throws {FileError} If it exists or cannot be created. */
  // deno-lint-ignore require-await
  static async create(path: string): Promise<OpenFile> {
    if (existsAt(path)) throw failure("write", path, "EEXIST");
    return new OpenFile(createFile(path));
  }

  /** The file's size in bytes. */
  size(): Promise<number> {
    return Promise.resolve(this.#file.size);
  }

  /** Reads the next bytes. @returns Number of bytes read, or null at the end of the file. */
  // deno-lint-ignore require-await
  async readSome(bytes: Uint8Array): Promise<number | null> {
    const count = this.#file.read(this.#offset, bytes);
    this.#offset += count;
    return count === 0 && bytes.length > 0 ? null : count;
  }

  /** Fills a buffer. @returns Number of bytes read, less than its length if the file ends. */
  // deno-lint-ignore require-await
  async fill(bytes: Uint8Array): Promise<number> {
    return this.fillAtSync(this.#offset, bytes);
  }

  /** Sets the offset of the next call that has none. */
  // deno-lint-ignore require-await
  async seek(offset: number): Promise<void> {
    this.#offset = offset;
  }

  /** Fills a buffer with the bytes from an offset on; returns the same as {@link fill}. */
  // deno-lint-ignore require-await
  async fillAt(offset: number, bytes: Uint8Array): Promise<number> {
    return this.fillAtSync(offset, bytes);
  }

  /** Does the same as {@link fillAt}, but synchronously. */
  fillAtSync(offset: number, bytes: Uint8Array): number {
    const count = this.#file.read(offset, bytes);
    this.#offset = offset + count;
    return count;
  }

  /** Writes all bytes. */
  // deno-lint-ignore require-await
  async write(bytes: Uint8Array): Promise<void> {
    this.writeSync(bytes);
  }

  /** Does the same as {@link write}, but synchronously. */
  writeSync(bytes: Uint8Array): void {
    this.#file.write(this.#offset, bytes);
    this.#offset += bytes.length;
  }

  /** Writes all bytes from an offset on. */
  async writeAt(offset: number, bytes: Uint8Array): Promise<void> {
    await this.seek(offset);
    await this.write(bytes);
  }

  /** Does nothing: memory is freed when no one refers to it. */
  [Symbol.dispose](): void {}
}
