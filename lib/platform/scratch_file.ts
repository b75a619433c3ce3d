/** Creates temporary files for data that does not fit in memory. */

import { namingSync } from "./file_error.ts";

/** What errors call the file, whose name says nothing to users. */
const called = "the scratch file in the system's folder for temporary files";

/** A temporary file, read and written at any offset. It is removed when the process ends. */
export class ScratchFile implements Disposable {
  readonly #file: Deno.FsFile;
  /** Set if the system cannot remove open files. */
  readonly #path: string | undefined;

  /**
   * Creates an empty file in the system's folder for temporary files.
   *
   * @param prefix Prefix of its name.
   */
  constructor(prefix: string) {
    const path = namingSync("create", called, () => Deno.makeTempFileSync({ prefix }));
    this.#file = Deno.openSync(path, { read: true, write: true });
    try {
      Deno.removeSync(path); // The system frees the content when the process ends, even if it is killed.
    } catch {
      this.#path = path;
    }
  }

  /** Writes all bytes from an offset on; the file grows as needed. */
  write(offset: number, bytes: Uint8Array): void {
    namingSync("write", called, () => {
      this.#file.seekSync(offset, Deno.SeekMode.Start);
      for (let done = 0; done < bytes.length;) done += this.#file.writeSync(bytes.subarray(done));
    });
  }

  /**
   * Fills a buffer with the bytes from an offset on.
   *
   * @throws {RangeError} If the file ends before the buffer is full.
   */
  read(offset: number, bytes: Uint8Array): void {
    this.#file.seekSync(offset, Deno.SeekMode.Start);
    for (let done = 0; done < bytes.length;) {
      const count = this.#file.readSync(bytes.subarray(done));
      if (count === null) {
        throw new RangeError(
          `Cannot read the scratch file: it ends at byte ${offset + done}, ` +
            `expected at least ${offset + bytes.length}`,
        );
      }
      done += count;
    }
  }

  /** Closes and removes the file. */
  [Symbol.dispose](): void {
    this.#file.close();
    if (this.#path) Deno.removeSync(this.#path);
  }
}
