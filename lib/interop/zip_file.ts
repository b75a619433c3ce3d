/**
 * Zip archives on disk, deflated or stored and of any size, read and written as streams: a record
 * may be larger than memory.
 *
 * `stored_zip.ts` holds archives in memory, for PyTorch's files.
 */

import { basename, dirname, join } from "@std/path";
import { createFolder, remove, rename } from "../platform/files.ts";
import { OpenFile } from "../platform/open_file.ts";
import { crc32, deflateRawPieces, inflateRawPieces } from "../platform/zlib.ts";

const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END_OF_DIRECTORY = 0x06054b50;
const END_OF_DIRECTORY_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const LOCAL_HEADER_BYTES = 30;
const CENTRAL_HEADER_BYTES = 46;
const END_OF_DIRECTORY_BYTES = 22;
const END_OF_DIRECTORY_64_BYTES = 56;
const LOCATOR_64_BYTES = 20;
const MAX_COMMENT_BYTES = 0xffff;

/** The first version with sizes of 64 bits, 4.5. */
const VERSION = 45;
const UTF8_NAMES = 0x0800;
const ENCRYPTED = 0x0001;
const STORED = 0;
const DEFLATED = 8;
/** 1 January 1980, the first day a zip file can name: equal content gives equal bytes. */
const DATE = 0x0021;
/** The extra field with sizes of 64 bits. */
const SIZES_64 = 0x0001;
const ELSEWHERE = 0xffffffff;

const PIECE_BYTES = 1 << 20;
/** Probabilities hardly get smaller above the first level, but take three times as long. */
const LEVEL = 1;

/** A record of an archive. */
export interface ZipEntry {
  /** As written in the archive: not to be trusted as a path. */
  readonly name: string;
  /** Bytes once read. */
  readonly size: number;
  readonly compressedSize: number;
  readonly method: number;
  readonly crc: number;
  /** Where its local header begins. */
  readonly header: number;
}

/** An archive open for reading. */
export class ZipFile {
  readonly #file: OpenFile;
  readonly #path: string;
  readonly #bytes: number;
  readonly entries: ReadonlyMap<string, ZipEntry>;

  private constructor(
    file: OpenFile,
    path: string,
    bytes: number,
    entries: ReadonlyMap<string, ZipEntry>,
  ) {
    this.#file = file;
    this.#path = path;
    this.#bytes = bytes;
    this.entries = entries;
  }

  /**
   * Opens an archive and reads its directory.
   *
   * @throws {SyntaxError} If it is no zip archive, or is cut short.
   * @throws {Error} If the file cannot be opened.
   */
  static async open(path: string): Promise<ZipFile> {
    const file = await OpenFile.read(path).catch((cause) => {
      throw new Error(`Cannot read ${path}: ${cause.message}`, { cause });
    });
    try {
      const size = await file.size();
      return new ZipFile(file, path, size, await readDirectory(file, size));
    } catch (cause) {
      file[Symbol.dispose]();
      throw new SyntaxError(`Cannot read ${path}: ${(cause as Error).message}`, { cause });
    }
  }

  /**
   * A record's content, piece by piece. One record is read at a time.
   *
   * @throws {SyntaxError} If it is compressed in another way than by deflate, is cut short, or does
   * not match its size or checksum, which shows only at its end.
   */
  async *read(entry: ZipEntry): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
    const fail = (found: string): never => {
      throw new SyntaxError(`Cannot read "${entry.name}" of ${this.#path}: ${found}`);
    };
    const { method, compressedSize, header } = entry;
    if (method !== STORED && method !== DEFLATED) {
      fail(`compression method ${method}, expected none or deflate`);
    }
    const local = await readAt(this.#file, header, LOCAL_HEADER_BYTES).catch(() =>
      fail(`no header at byte ${header}`)
    );
    if (local.getUint32(0, true) !== LOCAL_HEADER) fail(`no header at byte ${header}`);
    const start = header + LOCAL_HEADER_BYTES + local.getUint16(26, true) +
      local.getUint16(28, true);
    if (start + compressedSize > this.#bytes) {
      fail(`${compressedSize} bytes from byte ${start} on, but the file has ${this.#bytes} bytes`);
    }
    const packed = readRange(this.#file, start, compressedSize);
    let crc = 0;
    let size = 0;
    try {
      for await (
        const piece of method === STORED ? packed : inflateRawPieces(packed, PIECE_BYTES)
      ) {
        size += piece.length;
        if (size > entry.size) break; // A bomb: it says less than it holds.
        crc = crc32(piece, crc);
        yield piece;
      }
    } catch (cause) {
      fail((cause as Error).message);
    }
    if (size !== entry.size) {
      fail(
        `it holds ${size > entry.size ? "more than " : ""}${Math.min(size, entry.size)} bytes, ` +
          `expected ${entry.size}`,
      );
    }
    if (crc !== entry.crc) fail("its content does not match its checksum, the file is damaged");
  }

  close(): void {
    this.#file[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

async function* readRange(file: OpenFile, start: number, length: number) {
  for (let done = 0; done < length;) {
    const count = Math.min(PIECE_BYTES, length - done);
    const view = await readAt(file, start + done, count);
    yield new Uint8Array(view.buffer);
    done += count;
  }
}

async function readAt(file: OpenFile, position: number, length: number) {
  const bytes = new Uint8Array(length);
  const filled = await file.fillAt(position, bytes);
  if (filled < length) {
    throw new SyntaxError(`it ends at byte ${position + filled}, the file may be cut short`);
  }
  return new DataView(bytes.buffer);
}

async function readDirectory(file: OpenFile, size: number): Promise<Map<string, ZipEntry>> {
  const tail = Math.min(size, END_OF_DIRECTORY_BYTES + MAX_COMMENT_BYTES + LOCATOR_64_BYTES);
  const end = await readAt(file, size - tail, tail);
  let at = tail - END_OF_DIRECTORY_BYTES;
  while (at >= 0 && end.getUint32(at, true) !== END_OF_DIRECTORY) at--;
  if (at < 0) throw new SyntaxError("it is no zip archive, or is cut short");
  let count = end.getUint16(at + 10, true);
  let bytes = end.getUint32(at + 12, true);
  let start = end.getUint32(at + 16, true);
  const locator = at - LOCATOR_64_BYTES;
  if (locator >= 0 && end.getUint32(locator, true) === LOCATOR_64) {
    const position = Number(end.getBigUint64(locator + 8, true));
    const end64 = await readAt(file, position, END_OF_DIRECTORY_64_BYTES);
    if (end64.getUint32(0, true) !== END_OF_DIRECTORY_64) throw new SyntaxError("it has no end");
    count = Number(end64.getBigUint64(32, true));
    bytes = Number(end64.getBigUint64(40, true));
    start = Number(end64.getBigUint64(48, true));
  }
  if (start + bytes > size) throw new SyntaxError("its directory lies beyond its end");
  return parseDirectory(await readAt(file, start, bytes), count);
}

function parseDirectory(view: DataView<ArrayBuffer>, count: number): Map<string, ZipEntry> {
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  for (let record = 0; record < count; record++) {
    if (
      at + CENTRAL_HEADER_BYTES > view.byteLength || view.getUint32(at, true) !== CENTRAL_HEADER
    ) {
      throw new SyntaxError(`its directory has ${record} records, expected ${count}`);
    }
    const nameBytes = view.getUint16(at + 28, true);
    const extraBytes = view.getUint16(at + 30, true);
    const nameStart = at + CENTRAL_HEADER_BYTES;
    const next = nameStart + nameBytes + extraBytes + view.getUint16(at + 32, true);
    if (next > view.byteLength) throw new SyntaxError("its directory is cut short");
    const name = new TextDecoder().decode(new Uint8Array(view.buffer, nameStart, nameBytes));
    if (view.getUint16(at + 8, true) & ENCRYPTED) throw new SyntaxError(`"${name}" is encrypted`);
    const [size, compressedSize, header] = wideSizes(
      [view.getUint32(at + 24, true), view.getUint32(at + 20, true), view.getUint32(at + 42, true)],
      new DataView(view.buffer, nameStart + nameBytes, extraBytes),
    );
    const method = view.getUint16(at + 10, true);
    entries.set(name, {
      name,
      size,
      compressedSize,
      method,
      crc: view.getUint32(at + 16, true),
      header,
    });
    at = next;
  }
  return entries;
}

/** Replaces sizes that say they stand elsewhere by those in the extra field, in their order. */
function wideSizes(sizes: readonly number[], extra: DataView): number[] {
  for (let at = 0; at + 4 <= extra.byteLength;) {
    const end = at + 4 + extra.getUint16(at + 2, true);
    if (extra.getUint16(at, true) === SIZES_64) {
      let field = at + 4;
      return sizes.map((size) => {
        if (size !== ELSEWHERE) return size;
        if (field + 8 > Math.min(end, extra.byteLength)) throw new SyntaxError("a size is missing");
        const wide = Number(extra.getBigUint64(field, true));
        field += 8;
        return wide;
      });
    }
    at = end;
  }
  return [...sizes];
}

/** A record to write. */
export interface ZipInput {
  readonly name: string;
  /** Pieces of its content, which may not change while the archive is written. */
  readonly content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
  /** Deflate it, by default; what does not get smaller is better stored. */
  readonly compress?: boolean;
}

/**
 * Writes an archive, whole or not at all. Every record has room for sizes of 64 bits, as NumPy's
 * have.
 *
 * @throws {Error} With the path in its message if it cannot be written; what `records` throws.
 */
export async function writeZipFile(
  path: string,
  records: Iterable<ZipInput> | AsyncIterable<ZipInput>,
): Promise<void> {
  await createFolder(dirname(path), { recursive: true });
  // Hidden, so that a listing of cases never sees a half-written one.
  const partial = join(
    dirname(path),
    `.${basename(path)}.${crypto.randomUUID().slice(0, 8)}.partial`,
  );
  try {
    {
      using file = await OpenFile.create(partial);
      await writeRecords(file, records);
    }
    await rename(partial, path);
  } catch (cause) {
    await remove(partial).catch(() => {}); // It may never have been made.
    throw new Error(`Cannot write ${path}: ${(cause as Error).message}`, { cause });
  }
}

async function writeRecords(
  file: OpenFile,
  records: Iterable<ZipInput> | AsyncIterable<ZipInput>,
) {
  const written: ZipEntry[] = [];
  let position = 0;
  for await (const { name, content, compress = true } of records) {
    const header = position;
    const method = compress ? DEFLATED : STORED;
    // Sizes and checksum are known in the end; until then the header holds their place.
    const entry = { name, size: 0, compressedSize: 0, method, crc: 0, header };
    position += await writeAll(file, localHeader(entry));
    const counted = async function* () {
      for await (const piece of content) {
        entry.size += piece.length;
        entry.crc = crc32(piece, entry.crc);
        yield piece;
      }
    };
    for await (
      const piece of compress ? deflateRawPieces(counted(), LEVEL, PIECE_BYTES) : counted()
    ) {
      entry.compressedSize += await writeAll(file, piece);
    }
    position += entry.compressedSize;
    await file.writeAt(header, localHeader(entry));
    await file.seek(position);
    written.push(entry);
  }
  const start = position;
  for (const entry of written) position += await writeAll(file, centralHeader(entry));
  await writeAll(file, endOfDirectory(written.length, start, position - start));
}

async function writeAll(file: OpenFile, bytes: Uint8Array): Promise<number> {
  await file.write(bytes);
  return bytes.length;
}

/** The fields that both headers have, in the same order. */
function writeCommon(view: DataView, at: number, { method, crc }: ZipEntry, nameBytes: number) {
  view.setUint16(at, VERSION, true);
  view.setUint16(at + 2, UTF8_NAMES, true);
  view.setUint16(at + 4, method, true);
  view.setUint16(at + 8, DATE, true);
  view.setUint32(at + 10, crc, true);
  view.setUint32(at + 14, ELSEWHERE, true);
  view.setUint32(at + 18, ELSEWHERE, true);
  view.setUint16(at + 22, nameBytes, true);
}

/** The extra field with wide values. */
function writeWide(view: DataView, at: number, values: readonly number[]) {
  view.setUint16(at, SIZES_64, true);
  view.setUint16(at + 2, 8 * values.length, true);
  values.forEach((value, i) => view.setBigUint64(at + 4 + 8 * i, BigInt(value), true));
}

function localHeader(entry: ZipEntry): Uint8Array {
  const name = new TextEncoder().encode(entry.name);
  const bytes = new Uint8Array(LOCAL_HEADER_BYTES + name.length + 20);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, LOCAL_HEADER, true);
  writeCommon(view, 4, entry, name.length);
  view.setUint16(28, 20, true);
  bytes.set(name, LOCAL_HEADER_BYTES);
  writeWide(view, LOCAL_HEADER_BYTES + name.length, [entry.size, entry.compressedSize]);
  return bytes;
}

function centralHeader(entry: ZipEntry): Uint8Array {
  const name = new TextEncoder().encode(entry.name);
  const bytes = new Uint8Array(CENTRAL_HEADER_BYTES + name.length + 28);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, CENTRAL_HEADER, true);
  view.setUint16(4, VERSION, true);
  writeCommon(view, 6, entry, name.length);
  view.setUint16(30, 28, true);
  view.setUint32(42, ELSEWHERE, true);
  bytes.set(name, CENTRAL_HEADER_BYTES);
  const sizes = [entry.size, entry.compressedSize, entry.header];
  writeWide(view, CENTRAL_HEADER_BYTES + name.length, sizes);
  return bytes;
}

/** The end in its wide form, where to find that, and the plain end that refers to it. */
function endOfDirectory(count: number, start: number, size: number): Uint8Array {
  const bytes = new Uint8Array(
    END_OF_DIRECTORY_64_BYTES + LOCATOR_64_BYTES + END_OF_DIRECTORY_BYTES,
  );
  const view = new DataView(bytes.buffer);
  view.setUint32(0, END_OF_DIRECTORY_64, true);
  view.setBigUint64(4, BigInt(END_OF_DIRECTORY_64_BYTES - 12), true);
  view.setUint16(12, VERSION, true);
  view.setUint16(14, VERSION, true);
  view.setBigUint64(24, BigInt(count), true);
  view.setBigUint64(32, BigInt(count), true);
  view.setBigUint64(40, BigInt(size), true);
  view.setBigUint64(48, BigInt(start), true);
  const locator = END_OF_DIRECTORY_64_BYTES;
  view.setUint32(locator, LOCATOR_64, true);
  view.setBigUint64(locator + 8, BigInt(start + size), true);
  view.setUint32(locator + 16, 1, true);
  const end = locator + LOCATOR_64_BYTES;
  view.setUint32(end, END_OF_DIRECTORY, true);
  view.setUint16(end + 8, 0xffff, true);
  view.setUint16(end + 10, 0xffff, true);
  view.setUint32(end + 12, ELSEWHERE, true);
  view.setUint32(end + 16, ELSEWHERE, true);
  return bytes;
}
