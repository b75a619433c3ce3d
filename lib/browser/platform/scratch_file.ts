/** Provides scratch files in memory: what does not fit there fails when it is allocated. */

import { MemoryFile } from "./memory_file.ts";

/** A temporary file, read and written at any offset. */
export class ScratchFile implements Disposable {
  #file = new MemoryFile();

  /** Writes all bytes from an offset on; the file grows as needed. */
  write(offset: number, bytes: Uint8Array): void {
    this.#file.write(offset, bytes);
  }

  /**
   * Fills a buffer with the bytes from an offset on.
   *
   * @throws {RangeError} If the file ends before the buffer is full.
   */
  read(offset: number, bytes: Uint8Array): void {
    const count = this.#file.read(offset, bytes);
    if (count === bytes.length) return;
    throw new RangeError(
      `Cannot read the scratch file: it ends at byte ${offset + count}, ` +
        `expected at least ${offset + bytes.length}`,
    );
  }

  /** Frees the memory. */
  [Symbol.dispose](): void {
    this.#file = new MemoryFile();
  }
}
