/**
 * Reads and writes NumPy's `.npz` archives. Arrays are read sequentially, so that those of many
 * classes need not fit in memory.
 *
 * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */

import { joinBytes } from "../array/join_bytes.ts";
import { type Shape, sizeOf } from "../array/nd_array.ts";
import { writeZipFile, ZipFile, type ZipInput } from "./zip_file.ts";
import type { ZipEntry } from "./zip_headers.ts";

const MAGIC = "\x93NUMPY";
/** Largest header accepted, more than any array of numbers needs. */
const MAX_HEADER_BYTES = 1 << 16;

/** Supported element types, which are converted to float32. */
const decoders = {
  "<f2": { bytes: 2, decode: (buffer: ArrayBuffer) => new Float16Array(buffer) },
  "<f4": { bytes: 4, decode: (buffer: ArrayBuffer) => new Float32Array(buffer) },
  "<f8": { bytes: 8, decode: (buffer: ArrayBuffer) => new Float64Array(buffer) },
} as const;

/** An `.npz` file open for reading. */
export class NpzFile {
  readonly #zip: ZipFile;
  readonly #path: string;

  private constructor(zip: ZipFile, path: string) {
    this.#zip = zip;
    this.#path = path;
  }

  /**
   * Opens an archive.
   *
   * @throws {SyntaxError} If the file is not a zip archive.
   * @throws {Error} If the file cannot be opened.
   */
  static async open(path: string): Promise<NpzFile> {
    return new NpzFile(await ZipFile.open(path), path);
  }

  /** Names of the arrays. */
  get names(): string[] {
    return [...this.#zip.entries.keys()]
      .filter((name) => name.endsWith(".npy")).map((name) => name.slice(0, -4));
  }

  /**
   * Starts reading an array of floats.
   *
   * @throws {RangeError} If there is no array of this name.
   * @throws {TypeError} If its elements are not little-endian floats in C order.
   * @throws {SyntaxError} If it is not an array.
   */
  array(name: string): Promise<NpyReader> {
    const entry = this.#zip.entries.get(`${name}.npy`);
    if (!entry) {
      throw new RangeError(
        `Cannot read ${this.#path}: found ${
          this.names.join(", ") || "no arrays"
        }, expected ${name}`,
      );
    }
    return NpyReader.start(this.#zip, entry, this.#path);
  }

  close(): void {
    this.#zip.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** An array that is being read. */
export class NpyReader {
  readonly shape: Shape;
  readonly #pieces: AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined>;
  readonly #path: string;
  readonly #type: typeof decoders[keyof typeof decoders];
  /** Bytes read from the archive but not yet returned. */
  #rest: Uint8Array<ArrayBuffer>;

  private constructor(
    pieces: AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined>,
    path: string,
    header: NpyHeader,
    rest: Uint8Array<ArrayBuffer>,
  ) {
    this.#pieces = pieces;
    this.#path = path;
    this.shape = header.shape;
    this.#type = decoders[header.dtype];
    this.#rest = rest;
  }

  /** Starts reading an array; see {@link NpzFile.array}. */
  static async start(zip: ZipFile, entry: ZipEntry, path: string): Promise<NpyReader> {
    const pieces = zip.read(entry);
    let bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
    for (;;) {
      const header = parseHeader(bytes, path);
      if (header) {
        const { bytes: width } = decoders[header.dtype];
        const expected = header.dataStart + sizeOf(header.shape) * width;
        if (entry.size !== expected) {
          throw new SyntaxError(
            `Cannot read ${path}: array "${entry.name}" has ${entry.size} bytes, expected ` +
              `${expected} for its shape (${header.shape.join(", ")})`,
          );
        }
        return new NpyReader(pieces, path, header, bytes.subarray(header.dataStart));
      }
      const { value, done } = await pieces.next();
      if (done) throw new SyntaxError(`Cannot read ${path}: "${entry.name}" is not a NumPy array`);
      bytes = joinBytes([bytes, value]);
    }
  }

  /**
   * Reads the next elements into a buffer.
   *
   * @throws {SyntaxError} If the archive is damaged.
   * @throws {RangeError} If fewer elements are left.
   */
  async read(into: Float32Array): Promise<void> {
    const { bytes: width, decode } = this.#type;
    const isFloat32 = width === Float32Array.BYTES_PER_ELEMENT;
    const raw = isFloat32
      ? new Uint8Array(into.buffer, into.byteOffset, into.byteLength)
      : new Uint8Array(into.length * width);
    for (let filled = 0; filled < raw.length;) {
      if (this.#rest.length === 0) {
        const { value, done } = await this.#pieces.next();
        if (done) {
          throw new RangeError(
            `Cannot read ${this.#path}: an array has fewer elements than requested`,
          );
        }
        this.#rest = value;
      }
      const count = Math.min(this.#rest.length, raw.length - filled);
      raw.set(this.#rest.subarray(0, count), filled);
      this.#rest = this.#rest.subarray(count);
      filled += count;
    }
    if (!isFloat32) into.set(decode(raw.buffer as ArrayBuffer));
  }

  /** Stops reading; required before the archive is closed early. */
  async cancel(): Promise<void> {
    await this.#pieces.return();
  }

  /** Reads the rest, which verifies the checksum. */
  async finish(): Promise<void> {
    while (!(await this.#pieces.next()).done);
  }
}

/** An array to write. */
export interface NpzArray {
  readonly shape: Shape;
  /** Elements in C order, in pieces of any length. */
  readonly pieces: Iterable<Float32Array> | AsyncIterable<Float32Array>;
}

/**
 * Writes float32 arrays as `numpy.savez_compressed` does, completely or not at all.
 *
 * @throws {RangeError} If the pieces have more or fewer elements than the shape.
 * @throws {Error} If the file cannot be written.
 */
export function writeNpz(path: string, arrays: Readonly<Record<string, NpzArray>>): Promise<void> {
  return writeZipFile(
    path,
    Object.entries(arrays).map(([name, array]): ZipInput => ({
      name: `${name}.npy`,
      content: encode(name, array),
    })),
  );
}

async function* encode(name: string, { shape, pieces }: NpzArray) {
  yield formatHeader(shape);
  let count = 0;
  for await (const piece of pieces) {
    count += piece.length;
    // A copy, since the caller reuses its buffer while the piece is compressed.
    yield new Uint8Array(piece.slice().buffer);
  }
  if (count !== sizeOf(shape)) {
    throw new RangeError(
      `array "${name}" has ${count} elements, expected ${sizeOf(shape)} for shape [${shape}]`,
    );
  }
}

function formatHeader(shape: Shape): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': ${tuple}, }`;
  const prefix = MAGIC.length + 4;
  // Data starts at a multiple of 64 bytes; the padding ends with a newline.
  const length = Math.ceil((prefix + text.length + 1) / 64) * 64 - prefix;
  const bytes = new Uint8Array(prefix + length).fill(0x20);
  bytes.set(latin1(MAGIC));
  bytes.set([1, 0, length & 0xff, length >> 8], MAGIC.length);
  bytes.set(latin1(text), prefix);
  bytes[bytes.length - 1] = 0x0a;
  return bytes;
}

interface NpyHeader {
  readonly shape: Shape;
  readonly dtype: keyof typeof decoders;
  readonly dataStart: number;
}

/** Parses the header of an array; returns undefined if there are too few bytes. */
function parseHeader(bytes: Uint8Array<ArrayBuffer>, path: string): NpyHeader | undefined {
  if (bytes.length < MAGIC.length + 6) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = String.fromCharCode(...bytes.subarray(0, MAGIC.length));
  const version = bytes[MAGIC.length];
  const [length, start] = version === 1
    ? [view.getUint16(8, true), 10]
    : [view.getUint32(8, true), 12];
  if (magic !== MAGIC || version < 1 || version > 3 || length > MAX_HEADER_BYTES) {
    throw new SyntaxError(`Cannot read ${path}: found no NumPy array`);
  }
  const dataStart = start + length;
  if (bytes.length < dataStart) return undefined;
  const text = new TextDecoder().decode(bytes.subarray(start, dataStart));
  const dtype = text.match(/'descr':\s*'([^']*)'/)?.[1];
  const order = text.match(/'fortran_order':\s*(True|False)/)?.[1];
  const extents = text.match(/'shape':\s*\(([\d,\s]*)\)/)?.[1];
  if (dtype === undefined || !(dtype in decoders)) {
    throw new TypeError(
      `Cannot read ${path}: its elements are ${dtype ?? "of a compound type"}, ` +
        `expected ${Object.keys(decoders).join(", ")}`,
    );
  }
  if (order !== "False" || extents === undefined) {
    throw new TypeError(`Cannot read ${path}: its elements are not in C order`);
  }
  const shape = extents.split(",").map((part) => part.trim()).filter((part) => part !== "")
    .map(Number);
  return { shape, dtype: dtype as keyof typeof decoders, dataStart };
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
