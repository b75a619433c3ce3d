/**
 * Reads and writes uncompressed zip archives in memory, the container of PyTorch's files.
 * `zip_headers.ts` explains why no library is used.
 */

import { crc32 } from "../platform/zlib.ts";
import {
  centralHeader,
  ELSEWHERE,
  END_OF_DIRECTORY_BYTES,
  endOfDirectory,
  extraField,
  findEndOfDirectory,
  localHeader,
  localHeaderBytes,
  readCentralHeader,
  readEndOfDirectory,
  STORED,
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

const MAX_BYTES = ELSEWHERE;
const MAX_RECORDS = 0xfffe;

/**
 * Packs records, each starting at a multiple of 64 bytes so that PyTorch can map them into memory.
 *
 * @throws {RangeError} If the archive would exceed 4 GiB or 65534 records, which needs zip64.
 */
export function writeStoredZip(records: readonly ZipRecord[]): Uint8Array<ArrayBuffer> {
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
    return { content, start, header: entry.header, local, central: centralHeader(entry) };
  });
  const directoryBytes = layout.reduce((total, { central }) => total + central.length, 0);
  const size = end + directoryBytes + END_OF_DIRECTORY_BYTES;
  if (size > MAX_BYTES || records.length > MAX_RECORDS) {
    throw new RangeError(
      `Cannot write zip archive: ${records.length} records need ${size} bytes, ` +
        `expected at most ${MAX_RECORDS} records and ${MAX_BYTES} bytes`,
    );
  }

  const bytes = new Uint8Array(size);
  let directory = end;
  for (const { content, start, header, local, central } of layout) {
    bytes.set(local, header);
    bytes.set(content, start);
    bytes.set(central, directory);
    directory += central.length;
  }
  bytes.set(
    endOfDirectory({ count: records.length, start: end, bytes: directoryBytes }),
    directory,
  );
  return bytes;
}

function paddingField(bytes: number): Uint8Array {
  return extraField(PADDING_FIELD, new Uint8Array(bytes));
}

/**
 * Returns the records of an archive by name, as views of `bytes`.
 *
 * @throws {SyntaxError} If the bytes are not a zip archive, are truncated, use compression or
 * zip64, have two records of one name, or a record's content does not match its checksum.
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
  const { count, start: directory } = readEndOfDirectory(view, end);
  if (count > MAX_RECORDS || directory === MAX_BYTES) {
    throw new SyntaxError("Cannot read zip archive: it uses zip64, for files of more than 4 GiB");
  }

  const records = new Map<string, Uint8Array<ArrayBuffer>>();
  let unclaimed = bytes.length;
  let at = directory;
  for (let record = 0; record < count; record++) {
    const entry = readCentralHeader(view, at);
    if (!entry) throw new SyntaxError(`Cannot read zip archive: no directory entry at byte ${at}`);
    const { name, method, size, crc, header, next } = entry;
    if (method !== STORED) {
      throw new SyntaxError(
        `Cannot read zip record "${name}": compression method ${method}, expected none`,
      );
    }
    const headerBytes = localHeaderBytes(view, header);
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
