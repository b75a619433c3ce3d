/**
 * Reads and writes zip archives on disk as streams, so that records may be larger than memory.
 *
 * `stored_zip.ts` handles PyTorch's archives in memory; `zip_headers.ts` defines the headers and
 * explains why no library is used.
 */

import { fillFileAtomically } from "../platform/atomic_write.ts";
import { OpenFile } from "../platform/open_file.ts";
import { crc32, deflateRawPieces, inflateRawPieces } from "../platform/zlib.ts";
import {
  centralHeader64,
  DEFLATED,
  END_OF_DIRECTORY_64_BYTES,
  END_OF_DIRECTORY_BYTES,
  endOfDirectory64,
  findEndOfDirectory,
  LOCAL_HEADER_BYTES,
  localHeader64,
  localHeaderBytes,
  LOCATOR_64_BYTES,
  MAX_COMMENT_BYTES,
  readCentralHeader,
  readEndOfDirectory,
  readEndOfDirectory64,
  readLocator64,
  STORED,
  wideSizes,
  type ZipEntry,
} from "./zip_headers.ts";
import { reasonOf } from "../options/reason_of.ts";

const PIECE_BYTES = 1 << 20;
/** Compression level: higher ones hardly shrink probabilities but take three times as long. */
const LEVEL = 1;

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
   * @throws {SyntaxError} If the file is not a zip archive, or is truncated.
   * @throws {Error} If the file cannot be opened.
   */
  static async open(path: string): Promise<ZipFile> {
    const file = await OpenFile.read(path).catch((cause) => {
      throw new Error(`Cannot read ${path}: ${reasonOf(cause)}`, { cause });
    });
    try {
      const size = await file.size();
      return new ZipFile(file, path, size, await readDirectory(file, size));
    } catch (cause) {
      file[Symbol.dispose]();
      throw new SyntaxError(`Cannot read ${path}: ${reasonOf(cause)}`, { cause });
    }
  }

  /**
   * Reads a record's content in pieces. Only one record may be read at a time.
   *
   * @throws {SyntaxError} If the compression is not deflate, the record is truncated, or, after the
   * last piece, its size or checksum does not match.
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
    const start = header + (localHeaderBytes(local, 0) ?? fail(`no header at byte ${header}`));
    if (start + compressedSize > this.#bytes) {
      fail(`${compressedSize} bytes from byte ${start} exceed the file of ${this.#bytes} bytes`);
    }
    const packed = readRange(this.#file, start, compressedSize);
    let crc = 0;
    let size = 0;
    try {
      for await (
        const piece of method === STORED ? packed : inflateRawPieces(packed, PIECE_BYTES)
      ) {
        size += piece.length;
        if (size > entry.size) break; // A zip bomb: the content exceeds its declared size.
        crc = crc32(piece, crc);
        yield piece;
      }
    } catch (cause) {
      fail(reasonOf(cause));
    }
    if (size !== entry.size) {
      fail(
        `it has ${size > entry.size ? "more than " : ""}${Math.min(size, entry.size)} bytes, ` +
          `expected ${entry.size}`,
      );
    }
    if (crc !== entry.crc) fail("its content does not match its checksum; the file is damaged");
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
    throw new SyntaxError(`it ends at byte ${position + filled}; the file may be truncated`);
  }
  return new DataView(bytes.buffer);
}

async function readDirectory(file: OpenFile, size: number): Promise<Map<string, ZipEntry>> {
  const tail = Math.min(size, END_OF_DIRECTORY_BYTES + MAX_COMMENT_BYTES + LOCATOR_64_BYTES);
  const end = await readAt(file, size - tail, tail);
  const at = findEndOfDirectory(end);
  if (at === undefined) throw new SyntaxError("it is not a zip archive, or is truncated");
  let directory = readEndOfDirectory(end, at);
  const position = readLocator64(end, at);
  if (position !== undefined) {
    const wide = readEndOfDirectory64(await readAt(file, position, END_OF_DIRECTORY_64_BYTES));
    if (!wide) throw new SyntaxError("found no end-of-directory record");
    directory = wide;
  }
  const { count, start, bytes } = directory;
  if (start + bytes > size) throw new SyntaxError("its directory is beyond its end");
  return parseDirectory(await readAt(file, start, bytes), count);
}

function parseDirectory(view: DataView<ArrayBuffer>, count: number): Map<string, ZipEntry> {
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  for (let record = 0; record < count; record++) {
    const entry = readCentralHeader(view, at);
    if (!entry) throw new SyntaxError(`its directory has ${record} records, expected ${count}`);
    const { name, method, crc, extra, next } = entry;
    if (next > view.byteLength) throw new SyntaxError("its directory is truncated");
    if (entry.encrypted) throw new SyntaxError(`"${name}" is encrypted`);
    if (entry.special) throw new SyntaxError(`"${name}" is a link or a device, expected a file`);
    // Which of two a program takes differs, so that one may check what another uses.
    if (entries.has(name)) throw new SyntaxError(`it has two files "${name}"`);
    const [size, compressedSize, header] = wideSizes(
      [entry.size, entry.compressedSize, entry.header],
      extra,
    );
    entries.set(name, { name, size, compressedSize, method, crc, header });
    at = next;
  }
  return entries;
}

/** A record to write. */
export interface ZipInput {
  readonly name: string;
  /** Content in pieces, which must not change while the archive is written. */
  readonly content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
  /** Deflate the content rather than storing it, true by default. */
  readonly compress?: boolean;
}

/**
 * Writes an archive, completely or not at all. All records have 64-bit sizes, as NumPy's do.
 *
 * @throws {Error} If `records` throws or the file cannot be written; the message names the path.
 */
export async function writeZipFile(
  path: string,
  records: Iterable<ZipInput> | AsyncIterable<ZipInput>,
): Promise<void> {
  await fillFileAtomically(path, async (partial) => {
    using file = await OpenFile.create(partial);
    await writeRecords(file, records);
  });
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
    // Sizes and checksum are known only afterwards; the header is rewritten then.
    const entry = { name, size: 0, compressedSize: 0, method, crc: 0, header };
    position += await writeAll(file, localHeader64(entry));
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
    await file.writeAt(header, localHeader64(entry));
    await file.seek(position);
    written.push(entry);
  }
  const start = position;
  for (const entry of written) position += await writeAll(file, centralHeader64(entry));
  await writeAll(file, endOfDirectory64({ count: written.length, start, bytes: position - start }));
}

async function writeAll(file: OpenFile, bytes: Uint8Array): Promise<number> {
  await file.write(bytes);
  return bytes.length;
}
