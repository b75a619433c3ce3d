/**
 * Reads and writes uncompressed zip archives in memory, the container of PyTorch's files.
 * `zip_headers.ts` explains why no library is used.
 */

import { crc32 } from "../platform/zlib.ts";
import { reasonOf } from "../options/reason_of.ts";
import {
  centralHeader,
  type DirectoryPlace,
  distantCentralHeader,
  ELSEWHERE,
  endOfDirectory,
  endOfDirectory64,
  extraField,
  findEndOfDirectory,
  localHeader,
  localHeaderBytes,
  readCentralHeader,
  readEndOfDirectory,
  readEndOfDirectory64,
  readLocator64,
  STORED,
  wideSizes,
  type ZipEntry,
} from "./zip_headers.ts";

/** A file in an archive. */
export interface ZipRecord {
  readonly name: string;
  readonly content: Uint8Array;
}

/** PyTorch's id of the extra field for padding, "FB". */
const PADDING_FIELD = 0x4246;
const ALIGNMENT = 64;

const MAX_RECORDS = 0xfffe;

/**
 * Packs records, each starting at a multiple of 64 bytes so that PyTorch can map them into memory.
 *
 * @param near Largest position that is stored with 32 bits; the format's, 4 GiB, by default.
 * @throws {RangeError} If there are more than 65534 records or one exceeds 4 GiB.
 */
export function writeStoredZip(
  records: readonly ZipRecord[],
  near = ELSEWHERE - 1,
): Uint8Array<ArrayBuffer> {
  const largest = records.reduce((most, { content }) => Math.max(most, content.length), 0);
  if (largest >= ELSEWHERE || records.length > MAX_RECORDS) {
    throw new RangeError(
      `Cannot write zip archive: found ${records.length} records of up to ${largest} bytes, ` +
        `expected at most ${MAX_RECORDS} records of less than ${ELSEWHERE} bytes`,
    );
  }
  let end = 0; // End of the records laid out so far.
  const layout = records.map(({ name, content }) => {
    const { length } = content;
    const entry: ZipEntry = {
      name,
      size: length,
      compressedSize: length,
      method: STORED,
      crc: crc32(content),
      header: end,
    };
    const unpadded = end + localHeader(entry, paddingField(0)).length;
    const start = Math.ceil(unpadded / ALIGNMENT) * ALIGNMENT;
    end = start + length;
    const local = localHeader(entry, paddingField(start - unpadded));
    const central = entry.header > near ? distantCentralHeader(entry) : centralHeader(entry);
    return { content, start, header: entry.header, local, central };
  });
  const directoryBytes = layout.reduce((total, { central }) => total + central.length, 0);
  const place = { count: records.length, start: end, bytes: directoryBytes };
  const last = end > near ? endOfDirectory64(place) : endOfDirectory(place);

  const bytes = new Uint8Array(end + directoryBytes + last.length);
  let directory = end;
  for (const { content, start, header, local, central } of layout) {
    bytes.set(local, header);
    bytes.set(content, start);
    bytes.set(central, directory);
    directory += central.length;
  }
  bytes.set(last, directory);
  return bytes;
}

function paddingField(bytes: number): Uint8Array {
  return extraField(PADDING_FIELD, new Uint8Array(bytes));
}

/**
 * Returns the records of an archive by name, as views of `bytes`.
 *
 * @throws {SyntaxError} If the bytes are not a zip archive, are truncated, use compression, have two
 * records of one name, or a record's content does not match its checksum.
 */
export function readStoredZip(
  bytes: Uint8Array<ArrayBuffer>,
): Map<string, Uint8Array<ArrayBuffer>> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEndOfDirectory(view);
  if (end === undefined) {
    throw new SyntaxError(
      "Cannot read zip archive: found no directory; the file may be truncated",
    );
  }
  const { count, start: directory } = directoryPlace(view, end);

  const records = new Map<string, Uint8Array<ArrayBuffer>>();
  let unclaimed = bytes.length;
  let at = directory;
  for (let record = 0; record < count; record++) {
    const entry = readCentralHeader(view, at);
    if (!entry) throw new SyntaxError(`Cannot read zip archive: no directory entry at byte ${at}`);
    const { name, method, crc, next, extra } = entry;
    const [size, , header] = orSyntaxError(
      name,
      () => wideSizes([entry.size, entry.compressedSize, entry.header], extra),
    );
    if (method !== STORED) {
      throw new SyntaxError(
        `Cannot read zip record "${name}": compression method ${method}, expected none`,
      );
    }
    const headerBytes = header < bytes.length ? localHeaderBytes(view, header) : undefined;
    if (headerBytes === undefined) {
      throw new SyntaxError(`Cannot read zip record "${name}": no header at byte ${header}`);
    }
    const start = header + headerBytes;
    // Records do not overlap, so their total size is at most the file's. Without this check, a
    // small file with many entries for the same bytes would take hours of checksums.
    unclaimed -= size;
    if (start + size > bytes.length || unclaimed < 0) {
      throw new SyntaxError(
        `Cannot read zip record "${name}": ${size} bytes from byte ${start} exceed ` +
          `the file of ${bytes.length} bytes`,
      );
    }
    const content = bytes.subarray(start, start + size);
    if (crc32(content) !== crc) {
      throw new SyntaxError(
        `Cannot read zip record "${name}": its content does not match its checksum; ` +
          `the file is damaged`,
      );
    }
    // Which of two a program takes differs, so that one may check what another uses.
    if (records.has(name)) {
      throw new SyntaxError(`Cannot read zip archive: it has two records "${name}"`);
    }
    records.set(name, content);
    at = next;
  }
  return records;
}

/** Reads where an archive's directory is: from a record with 64 bits, if there is one. */
function directoryPlace(view: DataView, end: number): DirectoryPlace {
  const place = readEndOfDirectory(view, end);
  if (place.count <= MAX_RECORDS && place.start !== ELSEWHERE) return place;
  const position = readLocator64(view, end);
  const wide = position !== undefined && position < end
    ? readEndOfDirectory64(
      new DataView(view.buffer, view.byteOffset + position, view.byteLength - position),
    )
    : undefined;
  // Every record has an entry of its own in the directory.
  if (!wide || wide.start > view.byteLength || wide.count > view.byteLength) {
    throw new SyntaxError("Cannot read zip archive: its 64-bit directory is damaged");
  }
  return wide;
}

function orSyntaxError<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new SyntaxError(`Cannot read zip record "${name}": ${reasonOf(cause)}`, { cause });
  }
}
