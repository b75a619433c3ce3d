/** A file in memory, whose bytes are in blocks so that it can grow without being copied. */

/** Bytes of a block: a fraction of a DICOM slice, of which a folder has hundreds. */
const BLOCK_BYTES = 1 << 16;

/** Bytes that are read and written at any offset. */
export class MemoryFile {
  readonly #blocks: Uint8Array<ArrayBuffer>[] = [];
  #size = 0;
  #changed = new Date();

  /** Number of bytes. */
  get size(): number {
    return this.#size;
  }

  /** When it was last written to. */
  get changed(): Date {
    return this.#changed;
  }

  /** Writes bytes from an offset on; the file grows as needed. */
  write(offset: number, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length;) {
      const [block, start] = this.#at(offset + done);
      const part = bytes.subarray(done, done + BLOCK_BYTES - start);
      block.set(part, start);
      done += part.length;
    }
    this.#size = Math.max(this.#size, offset + bytes.length);
    this.#changed = new Date();
  }

  /** Fills a buffer with the bytes from an offset on. @returns How many there are. */
  read(offset: number, into: Uint8Array): number {
    const length = Math.max(0, Math.min(into.length, this.#size - offset));
    for (let done = 0; done < length;) {
      const [block, start] = this.#at(offset + done);
      const part = block.subarray(start, start + length - done);
      into.set(part, done);
      done += part.length;
    }
    return length;
  }

  /** Returns a copy of all bytes. */
  content(): Uint8Array<ArrayBuffer> {
    const all = new Uint8Array(this.#size);
    this.read(0, all);
    return all;
  }

  /** The block at an offset, and the offset in it. Blocks that were skipped are zeros. */
  #at(offset: number): [block: Uint8Array<ArrayBuffer>, start: number] {
    const index = Math.floor(offset / BLOCK_BYTES);
    while (this.#blocks.length <= index) this.#blocks.push(new Uint8Array(BLOCK_BYTES));
    return [this.#blocks[index], offset - index * BLOCK_BYTES];
  }
}
