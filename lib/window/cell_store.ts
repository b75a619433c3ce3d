/** Cells' sums while tiles are added up: in memory as far as they fit, else in a file. */

/** A store of float32 buffers by number, all zeros at first. */
export class CellStore implements Disposable {
  readonly #budget: number;
  /** In the order of their last use. */
  readonly #held = new Map<number, Float32Array<ArrayBuffer>>();
  #heldBytes = 0;
  /** Where in the file buffers that are not held begin. */
  readonly #spilled = new Map<number, number>();
  /** Places in the file to use again, by their length: cells are of few sizes. */
  readonly #free = new Map<number, number[]>();
  #end = 0;
  #file: Deno.FsFile | undefined;
  /** Of the file, where the system keeps open files from being removed. */
  #path: string | undefined;

  /** @param budget Bytes to hold in memory; what is in use at once may exceed it. */
  constructor(budget: number) {
    this.#budget = budget;
  }

  /** How many bytes went through the file. */
  spilledBytes = 0;

  /**
   * A buffer to add to; it may be gone to the file at the next call.
   *
   * @param pinned Buffers that must stay in memory.
   */
  use(index: number, length: number, pinned: ReadonlySet<number>): Float32Array<ArrayBuffer> {
    let buffer = this.#held.get(index);
    if (buffer) this.#held.delete(index);
    else {
      this.#makeRoom(4 * length, pinned);
      buffer = new Float32Array(length);
      this.#heldBytes += buffer.byteLength;
      const place = this.#spilled.get(index);
      if (place !== undefined) {
        this.#transfer(place, buffer, "read");
        this.#spilled.delete(index);
        const free = this.#free.get(buffer.byteLength) ?? [];
        this.#free.set(buffer.byteLength, [...free, place]);
      }
    }
    this.#held.set(index, buffer);
    return buffer;
  }

  /** Takes a buffer out. */
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
      const place = this.#placeFor(buffer.byteLength);
      this.#transfer(place, buffer, "write");
      this.#spilled.set(index, place);
      this.#held.delete(index);
      this.#heldBytes -= buffer.byteLength;
    }
  }

  #placeFor(bytes: number): number {
    const free = this.#free.get(bytes)?.pop();
    if (free !== undefined) return free;
    this.#end += bytes;
    return this.#end - bytes;
  }

  #transfer(place: number, buffer: Float32Array<ArrayBuffer>, way: "read" | "write") {
    this.#file ??= this.#open();
    this.#file.seekSync(place, Deno.SeekMode.Start);
    const bytes = new Uint8Array(buffer.buffer);
    for (let done = 0; done < bytes.length;) {
      const rest = bytes.subarray(done);
      const count = way === "write" ? this.#file.writeSync(rest) : this.#file.readSync(rest);
      if (count === null) throw new Error("Cannot read back logits: their file was cut short");
      done += count;
    }
    this.spilledBytes += bytes.length;
  }

  #open(): Deno.FsFile {
    const path = Deno.makeTempFileSync({ prefix: "nnunet_logits_" });
    const file = Deno.openSync(path, { read: true, write: true });
    try {
      Deno.removeSync(path); // It goes with the process, however that ends.
    } catch {
      this.#path = path;
    }
    return file;
  }

  [Symbol.dispose](): void {
    this.#file?.close();
    if (this.#path) Deno.removeSync(this.#path);
  }
}
