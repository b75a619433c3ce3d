/** A NIfTI file opened: what its header says, and its bytes as they are unpacked. */

import { OpenFile } from "../platform/open_file.ts";
import { gunzipStart } from "../platform/zlib.ts";
import { cutShort, requireBytes } from "./file_content.ts";
import { isGzip, maximalUnpackedBytes, unpackPieces } from "./gzip.ts";
import { type NiftiHeader, readNiftiHeader } from "./nifti_header.ts";
import { partOf, type Pieces } from "./pieces.ts";
import { filePieces } from "./read_file.ts";

/** Packed, a header of some hundred bytes cannot take more. */
const HEAD_BYTES = 4096;

/** A file whose header has been read. */
export interface NiftiFile {
  readonly header: NiftiHeader;
  /**
   * The bytes from one place to another, unpacked; to be gone through once.
   *
   * @throws {RangeError} If there are fewer.
   * @throws {Error} If gzip data is damaged or ends early.
   */
  readonly bytes: (begin: number, end: number) => Pieces;
}

/**
 * Opens a NIfTI file. Compression is recognised by its first bytes, not by the file's name.
 *
 * @throws {TypeError} If the file is no NIfTI or stores no plain numbers.
 * @throws {RangeError} If the file is shorter than its header says, or sizes are absurd.
 * @throws {Error} If the file cannot be opened, or its gzip data is damaged.
 */
export async function openNifti(path: string): Promise<NiftiFile> {
  const { header, size, packed } = await readStart(path, true);
  if (packed) requireRoom(header, size, path);
  else requireBytes(size, header.fileBytes, path);
  const whole = () => packed ? unpackFile(path, size) : filePieces(path);
  return {
    header,
    bytes: (begin, end) => partOf(whole(), begin, end, (found) => cutShort(found, end, path)),
  };
}

/** The header of a NIfTI file, of which no more is read; throws as {@link openNifti}. */
export async function readHeaderOf(path: string): Promise<NiftiHeader> {
  return (await readStart(path, false)).header;
}

/** @param whole Whether a small file, read to its end, has to be so: damage is then told as such. */
async function readStart(path: string, whole: boolean) {
  const { head, size } = await readHead(path);
  const packed = isGzip(head);
  const isCut = !whole || head.length < size;
  const content = packed ? unpackHead(head, isCut, size, path) : head;
  return { header: readNiftiHeader(content, path), size, packed };
}

async function readHead(path: string) {
  try {
    using file = await OpenFile.read(path);
    const head = new Uint8Array(HEAD_BYTES);
    const filled = await file.fill(head);
    return { head: head.subarray(0, filled), size: await file.size() };
  } catch (cause) {
    throw new Error(`Cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
}

function unpackHead(
  head: Uint8Array,
  isCut: boolean,
  size: number,
  path: string,
): Uint8Array<ArrayBuffer> {
  try {
    return gunzipStart(head, !isCut);
  } catch (cause) {
    throw damaged(size, path, cause);
  }
}

async function* unpackFile(path: string, size: number) {
  try {
    yield* unpackPieces(filePieces(path));
  } catch (cause) {
    throw damaged(size, path, cause);
  }
}

function damaged(size: number, path: string, cause: unknown) {
  return new Error(
    `Cannot read ${path}: its ${size} bytes of gzip are damaged or end early ` +
      `(${(cause as Error).message}), expected them whole`,
    { cause },
  );
}

function requireRoom({ fileBytes }: NiftiHeader, size: number, path: string) {
  const limit = maximalUnpackedBytes(size);
  if (fileBytes <= limit) return;
  throw new RangeError(
    `Cannot read ${path}: its header needs ${fileBytes} bytes, ` +
      `expected at most the ${limit} that ${size} bytes of gzip can hold`,
  );
}
