/** Cells' sums while tiles are added up: in memory as far as they fit, else in a file. */

/** A store of float32 buffers by number, all zeros at first. */
export class CellStore implements Disposable {
  readonly #budget: number;
  /** In the order of their last use. */
  readonly #held = new Map<number, Float32Array<ArrayBuffer>>();
  #heldBytes = 0;
  /** Places in the file of buffers that are not held. */
  readonly #spilled = new Map<number, number>();
  readonly #freePlaces: number[] = [];
  #places = 0;
  readonly #placeBytes: number;
  #file: Deno.FsFile | undefined;
  #path: string | undefined;

  /**
   * @param budget Bytes to hold in memory; what is in use at once may exceed it.
   * @param largest Elements of the largest buffer.
   */
  constructor(budget: number, largest: number) {
    this.#budget = budget;
    this.#placeBytes = 4 * largest;
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
        this.#freePlaces.push(place);
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
      const place = this.#freePlaces.pop() ?? this.#places++;
      this.#transfer(place, buffer, "write");
      this.#spilled.set(index, place);
      this.#held.delete(index);
      this.#heldBytes -= buffer.byteLength;
    }
  }

  #transfer(place: number, buffer: Float32Array<ArrayBuffer>, way: "read" | "write") {
    if (!this.#file) {
      this.#path = Deno.makeTempFileSync({ prefix: "nnunet_logits_" });
      this.#file = Deno.openSync(this.#path, { read: true, write: true });
    }
    this.#file.seekSync(place * this.#placeBytes, Deno.SeekMode.Start);
    const bytes = new Uint8Array(buffer.buffer);
    for (let done = 0; done < bytes.length;) {
      const rest = bytes.subarray(done);
      const count = way === "write" ? this.#file.writeSync(rest) : this.#file.readSync(rest);
      if (count === null) throw new Error(`Cannot read ${this.#path}: it was cut short`);
      done += count;
    }
    this.spilledBytes += bytes.length;
  }

  [Symbol.dispose](): void {
    this.#file?.close();
    if (this.#path) Deno.removeSync(this.#path);
  }
}
