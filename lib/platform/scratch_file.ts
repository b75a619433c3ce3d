/** Creates temporary files for data that does not fit in memory. */

import { FileError, namingSync } from "./file_error.ts";
import { removeLeftovers } from "./leftovers.ts";
import { dirname } from "./paths.ts";
import { temporaryAffixes } from "./temporary_names.ts";
import { spaceIfFull } from "./write_error.ts";

/** What errors call the file, whose name says nothing to users. */
const called = "a scratch file in the system's folder for temporary files";

/**
 * A temporary file, read and written at any offset. It is removed when the process ends. Where the
 * system cannot do that, the next scratch file of any process removes those of killed processes.
 */
export class ScratchFile implements Disposable {
  readonly #file: Deno.FsFile;
  readonly #folder: string;
  /** Set if the system cannot remove open files. */
  readonly #path: string | undefined;

  /** Creates an empty file in the system's folder for temporary files. */
  constructor() {
    const affixes = temporaryAffixes("partial");
    const path = namingSync("create", called, () => Deno.makeTempFileSync(affixes));
    this.#folder = dirname(path);
    removeLeftovers(this.#folder);
    this.#file = Deno.openSync(path, { read: true, write: true });
    try {
      Deno.removeSync(path); // The system frees the content when the process ends, even if it is killed.
    } catch {
      this.#path = path;
    }
  }

  /** Writes all bytes from an offset on; the file grows as needed. */
  write(offset: number, bytes: Uint8Array): void {
    try {
      this.#file.seekSync(offset, Deno.SeekMode.Start);
      for (let done = 0; done < bytes.length;) done += this.#file.writeSync(bytes.subarray(done));
    } catch (cause) {
      const { code = "" } = cause as { code?: string };
      const space = spaceIfFull(this.#folder, code, { moreThan: offset });
      throw new FileError("write", called, cause, space);
    }
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
