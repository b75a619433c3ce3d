/** Stores the sums of unfinished cells in memory while they fit, otherwise in a scratch file. */

import { ScratchFile } from "../../platform/scratch_file.ts";

/** Default number of bytes of cells' sums to hold in memory. */
export const CELL_BUDGET = 1.2e9;

/** Numbered float32 buffers, initially all zeros. */
export class CellStore implements Disposable {
  readonly #budget: number;
  /** Buffers in memory, the least recently used first. */
  readonly #held = new Map<number, Float32Array<ArrayBuffer>>();
  #heldBytes = 0;
  /** File offsets of the buffers that are not in memory. */
  readonly #spilled = new Map<number, number>();
  /** Free file offsets by length in bytes: cells have few different sizes. */
  readonly #free = new Map<number, number[]>();
  #end = 0;
  #file: ScratchFile | undefined;

  /** @param budget Bytes to hold in memory; buffers that are pinned together may exceed it. */
  constructor(budget: number) {
    this.#budget = budget;
  }

  /** Bytes written to the file and read back from it. */
  spilledBytes = 0;

  /**
   * Returns a buffer to add to. The next call may move it to the file unless it is pinned.
   *
   * @param index The buffer's number.
   * @param length Number of values in the buffer.
   * @param pinned Numbers of the buffers that must stay in memory.
   */
  use(index: number, length: number, pinned: ReadonlySet<number>): Float32Array<ArrayBuffer> {
    let buffer = this.#held.get(index);
    if (buffer) this.#held.delete(index);
    else {
      this.#makeRoom(4 * length, pinned);
      buffer = new Float32Array(length);
      this.#heldBytes += buffer.byteLength;
      const offset = this.#spilled.get(index);
      if (offset !== undefined) {
        this.#file!.read(offset, bytesOf(buffer));
        this.spilledBytes += buffer.byteLength;
        this.#spilled.delete(index);
        const free = this.#free.get(buffer.byteLength) ?? [];
        this.#free.set(buffer.byteLength, [...free, offset]);
      }
    }
    this.#held.set(index, buffer);
    return buffer;
  }

  /** Removes a buffer from the store and returns it. */
  take(index: number, length: number): Float32Array<ArrayBuffer> {
    const buffer = this.use(index, length, new Set([index]));
    this.#held.delete(index);
    this.#heldBytes -= buffer.byteLength;
    return buffer;
  }

  #makeRoom(bytes: number, pinned: ReadonlySet<number>) {
    for (const [index, buffer] of this.#held) {
      if (this.#heldBytes + bytes <= this.#budget) return;
      if (pinned.has(index)) continue;
      const offset = this.#offsetFor(buffer.byteLength);
      this.#file ??= new ScratchFile();
      this.#file.write(offset, bytesOf(buffer));
      this.spilledBytes += buffer.byteLength;
      this.#spilled.set(index, offset);
      this.#held.delete(index);
      this.#heldBytes -= buffer.byteLength;
    }
  }

  #offsetFor(bytes: number): number {
    const free = this.#free.get(bytes)?.pop();
    if (free !== undefined) return free;
    this.#end += bytes;
    return this.#end - bytes;
  }

  [Symbol.dispose](): void {
    this.#file?.[Symbol.dispose]();
  }
}

function bytesOf({ buffer }: Float32Array<ArrayBuffer>): Uint8Array {
  return new Uint8Array(buffer);
}
