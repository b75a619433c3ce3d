/**
 * Zip archives whose records are stored, not compressed: the container of PyTorch's files.
 *
 * Written here rather than with fflate because records have to start at multiples of 64 bytes,
 * and because reading gives views of the file where fflate would copy every record.
 */

import { crc32 } from "../platform/zlib.ts";

/** One file of an archive. */
export interface ZipRecord {
  readonly name: string;
  readonly content: Uint8Array;
}

const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END_OF_DIRECTORY = 0x06054b50;
const LOCAL_HEADER_BYTES = 30;
const CENTRAL_HEADER_BYTES = 46;
const END_OF_DIRECTORY_BYTES = 22;

const VERSION = 20;
const UTF8_NAMES = 0x0800;
const STORED = 0;
/** 1 January 1980, the first day a zip file can name: equal content gives equal bytes. */
const DATE = 0x0021;
/** The id PyTorch gives the extra field that holds its padding: "FB". */
const PADDING_FIELD = 0x4246;
const ALIGNMENT = 64;

const MAX_BYTES = 0xffffffff;
const MAX_RECORDS = 0xfffe;
const MAX_COMMENT_BYTES = 0xffff;

/**
 * Packs records, each starting at a multiple of 64 bytes so that PyTorch can map them into memory.
 *
 * @throws {RangeError} If the archive would exceed 4 GiB or 65534 records, which needs zip64.
 */
export function writeStoredZip(records: readonly ZipRecord[]): Uint8Array<ArrayBuffer> {
  let size = END_OF_DIRECTORY_BYTES;
  let end = 0; // of the records laid out so far
  const layout = records.map(({ name, content }) => {
    const nameBytes = new TextEncoder().encode(name);
    const header = end;
    const unpadded = header + LOCAL_HEADER_BYTES + nameBytes.length + 4;
    const start = Math.ceil(unpadded / ALIGNMENT) * ALIGNMENT;
    end = start + content.length;
    size += CENTRAL_HEADER_BYTES + nameBytes.length;
    return { nameBytes, content, header, start, padding: start - unpadded, crc: crc32(content) };
  });
  size += end;
  if (size > MAX_BYTES || records.length > MAX_RECORDS) {
    throw new RangeError(
      `Cannot write zip archive: ${records.length} records need ${size} bytes, ` +
        `expected at most ${MAX_RECORDS} records and ${MAX_BYTES} bytes`,
    );
  }

  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let directory = end;
  for (const { nameBytes, content, header, start, padding, crc } of layout) {
    /** The fields that both headers have, in the same order. */
    const writeCommon = (at: number, extraBytes: number) => {
      view.setUint16(at, VERSION, true);
      view.setUint16(at + 2, UTF8_NAMES, true);
      view.setUint16(at + 4, STORED, true);
      view.setUint16(at + 8, DATE, true);
      view.setUint32(at + 10, crc, true);
      view.setUint32(at + 14, content.length, true);
      view.setUint32(at + 18, content.length, true);
      view.setUint16(at + 22, nameBytes.length, true);
      view.setUint16(at + 24, extraBytes, true);
    };

    view.setUint32(header, LOCAL_HEADER, true);
    writeCommon(header + 4, padding + 4);
    bytes.set(nameBytes, header + LOCAL_HEADER_BYTES);
    view.setUint16(start - padding - 4, PADDING_FIELD, true);
    view.setUint16(start - padding - 2, padding, true);
    bytes.set(content, start);

    view.setUint32(directory, CENTRAL_HEADER, true);
    view.setUint16(directory + 4, VERSION, true);
    writeCommon(directory + 6, 0);
    view.setUint32(directory + 42, header, true);
    bytes.set(nameBytes, directory + CENTRAL_HEADER_BYTES);
    directory += CENTRAL_HEADER_BYTES + nameBytes.length;
  }
  view.setUint32(directory, END_OF_DIRECTORY, true);
  view.setUint16(directory + 8, records.length, true);
  view.setUint16(directory + 10, records.length, true);
  view.setUint32(directory + 12, directory - end, true);
  view.setUint32(directory + 16, end, true);
  return bytes;
}

/**
 * Views of the records of an archive, by name; nothing is copied.
 *
 * @throws {SyntaxError} If the bytes are no zip archive, are cut short, use compression or zip64, or
 * if a record's content does not match its checksum.
 */
export function readStoredZip(
  bytes: Uint8Array<ArrayBuffer>,
): Map<string, Uint8Array<ArrayBuffer>> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEndOfDirectory(view);
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  if (count > MAX_RECORDS || at === MAX_BYTES) {
    throw new SyntaxError("Cannot read zip archive: it uses zip64, for files of more than 4 GiB");
  }

  const records = new Map<string, Uint8Array<ArrayBuffer>>();
  let unclaimed = bytes.length;
  for (let record = 0; record < count; record++) {
    if (!fits(view, at, CENTRAL_HEADER_BYTES) || view.getUint32(at, true) !== CENTRAL_HEADER) {
      throw new SyntaxError(`Cannot read zip archive: no directory entry at byte ${at}`);
    }
    const method = view.getUint16(at + 10, true);
    const crc = view.getUint32(at + 16, true);
    const size = view.getUint32(at + 24, true);
    const nameBytes = view.getUint16(at + 28, true);
    const header = view.getUint32(at + 42, true);
    const nameStart = at + CENTRAL_HEADER_BYTES;
    const name = new TextDecoder().decode(bytes.subarray(nameStart, nameStart + nameBytes));
    if (method !== STORED) {
      throw new SyntaxError(
        `Cannot read zip record "${name}": compression method ${method}, expected none`,
      );
    }
    if (!fits(view, header, LOCAL_HEADER_BYTES) || view.getUint32(header, true) !== LOCAL_HEADER) {
      throw new SyntaxError(`Cannot read zip record "${name}": no header at byte ${header}`);
    }
    const start = header + LOCAL_HEADER_BYTES + view.getUint16(header + 26, true) +
      view.getUint16(header + 28, true);
    // Records do not overlap, so together they cannot claim more than the file; without this a
    // small file whose entries all name the same bytes would keep the checksum busy for hours.
    unclaimed -= size;
    if (!fits(view, start, size) || unclaimed < 0) {
      throw new SyntaxError(
        `Cannot read zip record "${name}": ${size} bytes from byte ${start} on, ` +
          `but the file has ${bytes.length} bytes`,
      );
    }
    const content = bytes.subarray(start, start + size);
    if (crc32(content) !== crc) {
      throw new SyntaxError(
        `Cannot read zip record "${name}": its content does not match its checksum, ` +
          `the file is damaged`,
      );
    }
    records.set(name, content);
    at = nameStart + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return records;
}

/** The end-of-directory record stands last, before a comment of unknown length. */
function findEndOfDirectory(view: DataView): number {
  const last = view.byteLength - END_OF_DIRECTORY_BYTES;
  for (let at = last; at >= Math.max(0, last - MAX_COMMENT_BYTES); at--) {
    if (view.getUint32(at, true) === END_OF_DIRECTORY) return at;
  }
  throw new SyntaxError("Cannot read zip archive: it has no directory, the file may be cut short");
}

function fits(view: DataView, start: number, bytes: number): boolean {
  return start + bytes <= view.byteLength;
}
