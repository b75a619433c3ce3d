/** Reads and writes files in parts; what fails is a {@link FileError} that names the path. */

import { accessing, accessingSync } from "./accessing.ts";
import { FileError, naming, namingSync } from "./file_error.ts";
import { dirname } from "./paths.ts";
import { spaceIfFull } from "./write_error.ts";

/**
 * A file that stays open until it is disposed.
 *
 * Calls without an offset continue where the previous call ended, whether it read or wrote.
 */
export class OpenFile implements Disposable {
  readonly #file: Deno.FsFile;
  readonly #path: string;

  private constructor(file: Deno.FsFile, path: string) {
    this.#file = file;
    this.#path = path;
  }

  /** Opens a file for reading. @throws {Error} If it does not exist or may not be read. */
  static async read(path: string): Promise<OpenFile> {
    return new OpenFile(await accessing("read", path, () => Deno.open(path)), path);
  }

  /** Does the same as {@link read}, but synchronously. */
  static readSync(path: string): OpenFile {
    return new OpenFile(accessingSync("read", path, () => Deno.openSync(path)), path);
  }

  /** Creates a file for writing. @throws {Error} If it exists or cannot be created. */
  static async create(path: string): Promise<OpenFile> {
    const open = () => Deno.open(path, { write: true, createNew: true });
    return new OpenFile(await accessing("write", path, open), path);
  }

  /** The file's size in bytes. */
  async size(): Promise<number> {
    return (await naming("read", this.#path, this.#file.stat())).size;
  }

  /** Reads the next bytes. @returns Number of bytes read, or null at the end of the file. */
  readSome(bytes: Uint8Array): Promise<number | null> {
    return naming("read", this.#path, this.#file.read(bytes));
  }

  /**
   * Fills a buffer. @returns Number of bytes read, which is less than its length if the file ends.
   */
  async fill(bytes: Uint8Array): Promise<number> {
    for (let filled = 0; filled < bytes.length;) {
      const count = await this.readSome(bytes.subarray(filled));
      if (count === null) return filled;
      filled += count;
    }
    return bytes.length;
  }

  /** Sets the offset of the next call that has none. */
  async seek(offset: number): Promise<void> {
    await naming("read", this.#path, this.#file.seek(offset, Deno.SeekMode.Start));
  }

  /** Fills a buffer with the bytes from an offset on; returns the same as {@link fill}. */
  async fillAt(offset: number, bytes: Uint8Array): Promise<number> {
    await this.seek(offset);
    return await this.fill(bytes);
  }

  /** Does the same as {@link fillAt}, but synchronously. */
  fillAtSync(offset: number, bytes: Uint8Array): number {
    return namingSync("read", this.#path, () => {
      this.#file.seekSync(offset, Deno.SeekMode.Start);
      for (let filled = 0; filled < bytes.length;) {
        const count = this.#file.readSync(bytes.subarray(filled));
        if (count === null) return filled;
        filled += count;
      }
      return bytes.length;
    });
  }

  /** Writes all bytes. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      try {
        done += await this.#file.write(bytes.subarray(done));
      } catch (cause) {
        throw this.#writeError(cause, bytes.length);
      }
    }
  }

  /** Does the same as {@link write}, but synchronously. */
  writeSync(bytes: Uint8Array): void {
    try {
      for (let done = 0; done < bytes.length;) done += this.#file.writeSync(bytes.subarray(done));
    } catch (cause) {
      throw this.#writeError(cause, bytes.length);
    }
  }

  #writeError(cause: unknown, bytes: number): FileError {
    const { code = "" } = cause as { code?: string };
    const space = spaceIfFull(dirname(this.#path), code, { moreThan: bytes });
    return new FileError("write", this.#path, cause, space);
  }

  /** Writes all bytes from an offset on. */
  async writeAt(offset: number, bytes: Uint8Array): Promise<void> {
    await this.seek(offset);
    await this.write(bytes);
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file.close();
  }
}
