/**
 * Reads and writes the headers of zip archives on disk (`zip_file.ts`) and in memory
 * (`stored_zip.ts`). All numbers are little-endian.
 *
 * No library meets all requirements. Probabilities must be streamed, since a record may be larger
 * than memory; a record that exceeds its declared size or does not match its checksum must be an
 * error; PyTorch's records must start at multiples of 64 bytes and be read without copying. yauzl 3
 * does not verify checksums, yazl 3 cannot align records, and fflate copies every record.
 *
 * @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */

const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END_OF_DIRECTORY = 0x06054b50;
const END_OF_DIRECTORY_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;

/** Bytes of a local header without its name and extra fields. */
export const LOCAL_HEADER_BYTES = 30;
/** Bytes of a directory entry without its name and extra fields. */
export const CENTRAL_HEADER_BYTES = 46;
export const END_OF_DIRECTORY_BYTES = 22;
export const END_OF_DIRECTORY_64_BYTES = 56;
export const LOCATOR_64_BYTES = 20;
export const MAX_COMMENT_BYTES = 0xffff;

/** Compression methods. */
export const STORED = 0;
export const DEFLATED = 8;

/** Marks a size that is stored with 64 bits in an extra field. */
export const ELSEWHERE = 0xffffffff;
/** Marks a count of records that is stored elsewhere. */
const COUNT_ELSEWHERE = 0xffff;

/** Versions of the format: 2.0, and 4.5, the first with sizes of 64 bits. */
const VERSION = 20;
const VERSION_64 = 45;
const UTF8_NAMES = 0x0800;
const ENCRYPTED = 0x0001;
/** 1 January 1980, the earliest date of the format, so that equal content gives equal bytes. */
const DATE = 0x0021;
/** Id of the extra field with 64-bit sizes. */
const SIZES_64 = 0x0001;

/** A record of an archive. */
export interface ZipEntry {
  /** Name in the archive, which must not be trusted as a path. */
  readonly name: string;
  /** Bytes of its content. */
  readonly size: number;
  readonly compressedSize: number;
  readonly method: number;
  readonly crc: number;
  /** Position of the local header. */
  readonly header: number;
}

/** A directory entry. */
export interface CentralHeader extends ZipEntry {
  readonly encrypted: boolean;
  /** Whether it is a symbolic link, a device or the like rather than a file or folder. */
  readonly special: boolean;
  /** Extra fields. */
  readonly extra: DataView;
  /** Position of the next entry; beyond the view if this entry is truncated. */
  readonly next: number;
}

/**
 * Reads the directory entry at a position. Sizes may be {@link ELSEWHERE}.
 *
 * @returns The entry, or undefined if there is none.
 */
export function readCentralHeader(view: DataView, at: number): CentralHeader | undefined {
  if (!isHeader(view, at, CENTRAL_HEADER_BYTES, CENTRAL_HEADER)) return undefined;
  const nameStart = at + CENTRAL_HEADER_BYTES;
  const extraStart = nameStart + view.getUint16(at + 28, true);
  const extraEnd = extraStart + view.getUint16(at + 30, true);
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const extra = bytes.subarray(extraStart, extraEnd);
  return {
    name: new TextDecoder().decode(bytes.subarray(nameStart, extraStart)),
    size: view.getUint32(at + 24, true),
    compressedSize: view.getUint32(at + 20, true),
    method: view.getUint16(at + 10, true),
    crc: view.getUint32(at + 16, true),
    header: view.getUint32(at + 42, true),
    special: isSpecial(view.getUint32(at + 38, true) >>> 16),
    encrypted: (view.getUint16(at + 8, true) & ENCRYPTED) !== 0,
    extra: new DataView(extra.buffer, extra.byteOffset, extra.byteLength),
    next: extraEnd + view.getUint16(at + 32, true),
  };
}

/** Tells from a file's mode on Unix, 0 if the archive is from elsewhere, what kind it is. */
function isSpecial(mode: number): boolean {
  const kind = mode & 0o170000;
  return kind !== 0 && kind !== 0o100000 && kind !== 0o040000;
}

/**
 * Replaces sizes that are {@link ELSEWHERE} with those of the extra field with 64-bit sizes.
 *
 * @param sizes Sizes in the field's order: size, compressed size, position of the local header.
 * @throws {SyntaxError} If the field is truncated.
 */
export function wideSizes(sizes: readonly number[], extra: DataView): number[] {
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

/**
 * Returns the size of the local header at a position, including name and extra fields.
 *
 * @returns The size in bytes, or undefined if there is no header.
 */
export function localHeaderBytes(view: DataView, at: number): number | undefined {
  if (!isHeader(view, at, LOCAL_HEADER_BYTES, LOCAL_HEADER)) return undefined;
  return LOCAL_HEADER_BYTES + view.getUint16(at + 26, true) + view.getUint16(at + 28, true);
}

/** Position and size of an archive's directory. */
export interface DirectoryPlace {
  /** Number of records. */
  readonly count: number;
  readonly start: number;
  readonly bytes: number;
}

/**
 * Finds the end-of-directory record, which is followed only by a comment of unknown length.
 *
 * @param view The end of the archive.
 * @returns Its position in the view, or undefined if there is none.
 */
export function findEndOfDirectory(view: DataView): number | undefined {
  const last = view.byteLength - END_OF_DIRECTORY_BYTES;
  for (let at = last; at >= Math.max(0, last - MAX_COMMENT_BYTES); at--) {
    if (view.getUint32(at, true) === END_OF_DIRECTORY) return at;
  }
  return undefined;
}

/** Reads the end-of-directory record at a position. */
export function readEndOfDirectory(view: DataView, at: number): DirectoryPlace {
  return {
    count: view.getUint16(at + 10, true),
    bytes: view.getUint32(at + 12, true),
    start: view.getUint32(at + 16, true),
  };
}

/**
 * Returns the position in the archive of the 64-bit end-of-directory record.
 *
 * @param at Position of the plain record, which follows the locator.
 * @returns Its position, or undefined if there is none.
 */
export function readLocator64(view: DataView, at: number): number | undefined {
  const locator = at - LOCATOR_64_BYTES;
  if (locator < 0 || view.getUint32(locator, true) !== LOCATOR_64) return undefined;
  return Number(view.getBigUint64(locator + 8, true));
}

/**
 * Reads the 64-bit end-of-directory record at the start of a view.
 *
 * @returns The record, or undefined if there is none.
 */
export function readEndOfDirectory64(view: DataView): DirectoryPlace | undefined {
  if (!isHeader(view, 0, END_OF_DIRECTORY_64_BYTES, END_OF_DIRECTORY_64)) return undefined;
  return {
    count: Number(view.getBigUint64(32, true)),
    bytes: Number(view.getBigUint64(40, true)),
    start: Number(view.getBigUint64(48, true)),
  };
}

function isHeader(view: DataView, at: number, bytes: number, signature: number): boolean {
  return at + bytes <= view.byteLength && view.getUint32(at, true) === signature;
}

/**
 * Encodes a local header.
 *
 * @param extra Extra fields.
 */
export function localHeader(entry: ZipEntry, extra: Uint8Array): Uint8Array<ArrayBuffer> {
  return header(LOCAL_HEADER, LOCAL_HEADER_BYTES, 4, entry, VERSION, extra);
}

/** Encodes a directory entry without extra fields. */
export function centralHeader(entry: ZipEntry): Uint8Array<ArrayBuffer> {
  return directoryEntry(entry, VERSION, entry.header, new Uint8Array(0));
}

/** Encodes a directory entry of a record behind the first 4 GiB, without other extra fields. */
export function distantCentralHeader(entry: ZipEntry): Uint8Array<ArrayBuffer> {
  return directoryEntry(entry, VERSION_64, ELSEWHERE, wideField([entry.header]));
}

/** Encodes a local header with 64-bit sizes, whose length does not depend on the sizes. */
export function localHeader64(entry: ZipEntry): Uint8Array<ArrayBuffer> {
  const extra = wideField([entry.size, entry.compressedSize]);
  return header(LOCAL_HEADER, LOCAL_HEADER_BYTES, 4, elsewhere(entry), VERSION_64, extra);
}

/** Encodes a directory entry with 64-bit sizes. */
export function centralHeader64(entry: ZipEntry): Uint8Array<ArrayBuffer> {
  const extra = wideField([entry.size, entry.compressedSize, entry.header]);
  return directoryEntry(elsewhere(entry), VERSION_64, ELSEWHERE, extra);
}

/** Encodes an extra field. */
export function extraField(id: number, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4 + content.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, id, true);
  view.setUint16(2, content.length, true);
  bytes.set(content, 4);
  return bytes;
}

function wideField(values: readonly number[]): Uint8Array {
  return extraField(SIZES_64, new Uint8Array(BigUint64Array.from(values, BigInt).buffer));
}

function elsewhere(entry: ZipEntry): ZipEntry {
  return { ...entry, size: ELSEWHERE, compressedSize: ELSEWHERE };
}

function directoryEntry(entry: ZipEntry, version: number, position: number, extra: Uint8Array) {
  const bytes = header(CENTRAL_HEADER, CENTRAL_HEADER_BYTES, 6, entry, version, extra);
  const view = new DataView(bytes.buffer);
  view.setUint16(4, version, true);
  view.setUint32(42, position, true);
  return bytes;
}

/** Encodes the fields that both kinds of header have, in the same order starting at `at`. */
function header(
  signature: number,
  headerBytes: number,
  at: number,
  { name, method, crc, compressedSize, size }: ZipEntry,
  version: number,
  extra: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const nameBytes = new TextEncoder().encode(name);
  const bytes = new Uint8Array(headerBytes + nameBytes.length + extra.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, signature, true);
  view.setUint16(at, version, true);
  view.setUint16(at + 2, UTF8_NAMES, true);
  view.setUint16(at + 4, method, true);
  view.setUint16(at + 8, DATE, true);
  view.setUint32(at + 10, crc, true);
  view.setUint32(at + 14, compressedSize, true);
  view.setUint32(at + 18, size, true);
  view.setUint16(at + 22, nameBytes.length, true);
  view.setUint16(at + 24, extra.length, true);
  bytes.set(nameBytes, headerBytes);
  bytes.set(extra, headerBytes + nameBytes.length);
  return bytes;
}

/** Encodes the end of an archive of at most 65534 records and 4 GiB. */
export function endOfDirectory({ count, start, bytes: size }: DirectoryPlace): Uint8Array {
  const bytes = new Uint8Array(END_OF_DIRECTORY_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, END_OF_DIRECTORY, true);
  view.setUint16(8, count, true);
  view.setUint16(10, count, true);
  view.setUint32(12, size, true);
  view.setUint32(16, start, true);
  return bytes;
}

/**
 * Encodes the end of an archive of any size: the 64-bit record, its locator, and the plain record.
 */
export function endOfDirectory64({ count, start, bytes: size }: DirectoryPlace): Uint8Array {
  const locator = END_OF_DIRECTORY_64_BYTES, end = locator + LOCATOR_64_BYTES;
  const bytes = new Uint8Array(end + END_OF_DIRECTORY_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, END_OF_DIRECTORY_64, true);
  view.setBigUint64(4, BigInt(END_OF_DIRECTORY_64_BYTES - 12), true);
  view.setUint16(12, VERSION_64, true);
  view.setUint16(14, VERSION_64, true);
  view.setBigUint64(24, BigInt(count), true);
  view.setBigUint64(32, BigInt(count), true);
  view.setBigUint64(40, BigInt(size), true);
  view.setBigUint64(48, BigInt(start), true);
  view.setUint32(locator, LOCATOR_64, true);
  view.setBigUint64(locator + 8, BigInt(start + size), true);
  view.setUint32(locator + 16, 1, true);
  bytes.set(endOfDirectory({ count: COUNT_ELSEWHERE, start: ELSEWHERE, bytes: ELSEWHERE }), end);
  return bytes;
}
